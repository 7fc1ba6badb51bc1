using LilyVM.Abi;
using LilyVM.Boot;
using LilyVM.Hypervisor.Shared;

namespace LilyVM.Native;

/// <summary>What a native machine of one architecture is made of.</summary>
public sealed record NativeTarget
{
    private NativeTarget()
    {
    }

    /// <summary>For IA-32 kernels. The library's copy for unpaged kernels is the top of RAM.</summary>
    public static NativeTarget Ia32 { get; } = new()
    {
        Architecture = GuestArchitecture.Ia32,
        Program = "qemu-system-i386",
        LowMiB = 1024,
        MaxMemoryBytes = VmArea.UnpagedAlias,
        LibraryAddress = VmArea.UnpagedAlias,
        Processor = ["qemu32", NoApic],
        LinuxOptions = $"{Boot.LinuxOptions.SerialConsole} {Boot.LinuxOptions.FreeTop} {LinuxOptionsOfAll}",
    };

    /// <summary>
    /// For x86-64 kernels. The processor is all that QEMU emulates, less what no guest may see of one (<see cref="CpuidMasks"/>); the
    /// library lies where it is linked, at the top of RAM.
    /// </summary>
    public static NativeTarget X64 { get; } = new()
    {
        Architecture = GuestArchitecture.X64,
        Program = "qemu-system-x86_64",
        LowMiB = 2048,
        MaxMemoryBytes = (long)GuestArchitecture.X64.MaxRam,
        LibraryAddress = Abi.X64.VmArea.Base,
        Processor = ["max", .. CpuFeatures.All.Where(f => CpuidMasks.Hides(GuestArchitecture.X64, f)).Select(f => "-" + f.Name)],
        LinuxOptions = Boot.LinuxOptions.SerialConsole + " " + LinuxOptionsOfAll,
    };

    // A reboot that QEMU notices (a triple fault), one after a panic, which leaves another word in the reset flag, and the 8254 for a
    // clock: whether Linux trusts an emulated time stamp counter depends on the host's load, so that no two boots would be alike.
    private const string LinuxOptionsOfAll = "reboot=panic_warm,t panic=-1 tsc=unstable";

    // With an APIC the guest would wait for timer interrupts that microvm then routes elsewhere.
    private const string NoApic = "-apic";

    /// <summary>The architecture.</summary>
    public required GuestArchitecture Architecture { get; init; }

    /// <summary>The emulator.</summary>
    public required string Program { get; init; }

    /// <summary>Linux options that every boot wants: the serial console and an end that can be told.</summary>
    public required string LinuxOptions { get; init; }

    /// <summary>Most RAM that a guest can have there, in bytes.</summary>
    public required long MaxMemoryBytes { get; init; }

    /// <summary>
    /// Guest physical address of the VM library. A guest's RAM below 4 GiB ends there, whether its kernel is converted or not; QEMU's ends
    /// behind the library.
    /// </summary>
    public required uint LibraryAddress { get; init; }

    private int LowMiB { get; init; }

    private IReadOnlyList<string> Processor { get; init; } = [];

    /// <summary>That of an architecture.</summary>
    public static NativeTarget Of(GuestArchitecture architecture) => architecture == GuestArchitecture.X64 ? X64 : Ia32;

    /// <summary>That of a kernel's file.</summary>
    /// <exception cref="LilyVMException">It is no kernel.</exception>
    public static NativeTarget OfKernel(string path) => Of(new KernelImage(Elf.Load(path)).Architecture);

    /// <summary>The processor for QEMU's option -cpu. QEMU says itself what it cannot emulate.</summary>
    internal string Cpu(string text)
    {
        var model = CpuModel.Parse(text, Architecture);
        string[] enforce = model.Wanted.Count > 0 ? ["enforce"] : [];
        return string.Join(',',
            [.. Processor, .. model.Hidden.Select(f => "-" + f.Name), .. model.Wanted.Select(f => "+" + f.Name), .. enforce]);
    }

    /// <summary>
    /// RAM of QEMU's machine for a guest with such memory. What this one has from 4 GiB on, microvm has there only beyond 3 GiB
    /// (hw/i386/microvm.c: lowmem).
    /// </summary>
    internal ulong RamMiB(MemoryMap memory) =>
        memory.HighBytes == 0 ? (ulong)LowMiB : (RamHole.Start + memory.HighBytes + 0xF_FFFF) >> 20;

    /// <summary>The native image of the VM library.</summary>
    internal byte[] Library(string? path) => Architecture.Bits == 64 ? NativeImage.LoadX64(path) : NativeImage.Load(path);
}
