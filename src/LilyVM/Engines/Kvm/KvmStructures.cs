using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LilyVM.Engines.Kvm;

/// <summary>Requests to /dev/kvm, a KVM guest and its vCPU: linux/kvm.h, Documentation/virt/kvm/api.rst.</summary>
internal static class KvmCall
{
    internal const nuint GetApiVersion = 0xAE00, CreateVm = 0xAE01, GetVcpuMapSize = 0xAE04, GetSupportedCpuid = 0xC008_AE05;
    internal const nuint CreateVcpu = 0xAE41, SetMemory = 0x4020_AE46, SetTssAddress = 0xAE47;
    internal const nuint Run = 0xAE80, SetRegisters = 0x4090_AE82, GetSystemRegisters = 0x8138_AE83, SetSystemRegisters = 0x4138_AE84,
        Interrupt = 0x4004_AE86;
    internal const nuint GetMsrs = 0xC008_AE88, SetSignalMask = 0x4004_AE8B, SetCpuid = 0x4008_AE90, SetExtendedControl = 0x4188_AEA7;
}

/// <summary>kvm_userspace_memory_region.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmMemory
{
    public uint Slot, Flags;
    public ulong Address, Size, Place;
}

/// <summary>kvm_regs.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KvmRegisters
{
    public fixed ulong General[16];
    public ulong Rip, Rflags;
}

/// <summary>kvm_segment.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmSegment
{
    public ulong Base;
    public uint Limit;
    public ushort Selector;
    public byte Type, Present, Level, Default32, IsCodeOrData, Long, Granular, Available, Unusable;
    private readonly byte padding;
}

/// <summary>kvm_dtable.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmTable
{
    public ulong Base;
    public ushort Limit;
    private readonly ushort padding1, padding2, padding3;
}

/// <summary>kvm_sregs.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KvmSystemRegisters
{
    public KvmSegment Cs, Ds, Es, Fs, Gs, Ss, Tr, Ldt;
    public KvmTable Gdt, Idt;
    public ulong Cr0, Cr2, Cr3, Cr4, Cr8, Efer, ApicBase;
    public fixed ulong PendingInterrupts[4];
}

/// <summary>kvm_cpuid_entry2.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmCpuidEntry
{
    public uint Leaf, Subleaf, Flags, Eax, Ebx, Ecx, Edx;
    private readonly uint padding1, padding2, padding3;
}

/// <summary>kvm_cpuid2 with room for all that a host has.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmCpuid
{
    internal const int Capacity = 256;
    public uint Count;
    private readonly uint padding;
    public Entries All;

    /// <summary>The entries.</summary>
    [InlineArray(Capacity)]
    internal struct Entries
    {
        private KvmCpuidEntry first;
    }
}

/// <summary>kvm_msrs with one of them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmMsr
{
    public uint Count;
    private readonly uint padding1;
    public uint Number;
    private readonly uint padding2;
    public ulong Value;
}

/// <summary>kvm_xcrs.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KvmExtendedControl
{
    public uint Count, Flags;
    public uint Number;
    private readonly uint reserved;
    public ulong Value;
    public fixed ulong Others[46];
}

/// <summary>kvm_signal_mask: the kernel's signal sets have 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct KvmSignalMask
{
    public uint Size;
    public ulong Blocked;
}

/// <summary>The first bytes of kvm_run, with what belongs to a port access.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KvmRun
{
    public byte WantsWindow, LeaveAtOnce;
    private readonly byte padding1, padding2, padding3, padding4, padding5, padding6;
    public uint Reason;
    public byte TakesInterrupt, InterruptFlag;
    public ushort Flags;
    public ulong Cr8, ApicBase;
    public byte PortWrites, PortWidth;
    public ushort Port;
    public uint PortCount;
    public ulong PortData;
}
