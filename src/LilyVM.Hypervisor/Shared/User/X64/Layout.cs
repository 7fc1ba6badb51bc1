namespace LilyVM.Hypervisor.Shared.User;

/// <content>
/// Of x86-64 guests: what stubs share is the VM area itself, all of it one page of 2 MiB where the host gives such pages. So the VM
/// library and the stubs' assembly name it by absolute address, and no address space needs more than one mapping for it.
/// </content>
internal static partial class Layout
{
    /// <summary>The machine memfd: the VM area as the guest sees it.</summary>
    public const ulong MachineFile = VmArea.Base;

    /// <summary>The page of <see cref="User.Crossing"/>, behind the library's private pages.</summary>
    public const ulong Crossing = MachineFile + 0x10_6000;

    /// <summary>Offset of <see cref="User.Machine"/> in the machine memfd.</summary>
    public const uint MachineOffset = 0x10_8000;

    /// <summary>Offset of the virtual CPU, in the library's private pages; the VM process leaves it alone.</summary>
    public const uint VcpuOffset = VmArea.Private - VmArea.Base;

    /// <summary>Offset of the pages that hold FPU state on its way between stubs.</summary>
    public const uint FpuOffset = 0x11_0000;

    /// <summary>Bytes of the machine memfd.</summary>
    public const uint MachineFileSize = 0x20_0000;

    /// <summary>A bit for each 2 MiB of the largest RAM and of what lies behind it (RamChunks).</summary>
    public const ulong ChunkBits = MachineFile + 0x14_0000;

    /// <summary>The descriptor of a helper's socket (MountHelper).</summary>
    public const int HelperSocket = RamFile;

    /// <summary>A helper's argument: who mounts, this user or the root of a namespace of its own.</summary>
    public const byte AsItIs = (byte)'u', InNamespace = (byte)'n';

    /// <summary>The table of pages of code with patched system calls, and what its makers need beside it, to the end of the file.</summary>
    public const ulong Patches = MachineFile + 0x17_0000;

    /// <summary>Bytes behind guest RAM in its file, for the copies of those pages.</summary>
    public const ulong PatchBytes = 8 << 20;

    /// <summary><see cref="ProgramPage"/>, where programs have processes of their own.</summary>
    public const ulong Programs = 0x6000_4000_0000;

    /// <summary>What this stub has mapped where.</summary>
    public const ulong Places = 0x6000_5000_0000;
}
