using LilyVM.Abi;
using LilyVM.Hypervisor.Shared;

namespace LilyVM.Boot;

/// <summary>
/// What host-side tools need to know of one guest architecture, as a value: a kernel's file and its conversion note say which one it is
/// (<see cref="Elf.Architecture"/>, <see cref="ConversionNotes.Architecture"/>), so nobody is asked for it.
/// </summary>
public sealed class GuestArchitecture
{
    private GuestArchitecture()
    {
    }

    /// <summary>32-bit x86.</summary>
    public static GuestArchitecture Ia32 { get; } = new()
    {
        Name = "IA-32",
        Bits = 32,
        NoteType = ConversionNote.Type,
        AbiVersion = VmArea.AbiVersion,
        Entries = LibraryEntries.Table,
        AreaStart = VmArea.Base,
        AreaEnd = 1UL << 32,
        VcpuPage = VmArea.Vcpu,
        SiteSize = InlineSite.Size,
        MaxRam = RamHole.Start,
        RamdiskEnd = 0x3000_0000, // below Linux's low memory limit whatever it reserves for vmalloc, so that it need not copy the RAM disk
    };

    /// <summary>64-bit x86.</summary>
    public static GuestArchitecture X64 { get; } = new()
    {
        Name = "x86-64",
        Bits = 64,
        NoteType = ConversionNote.TypeX64,
        AbiVersion = Abi.X64.VmArea.AbiVersion,
        Entries = Abi.X64.LibraryEntries.Table,
        AreaStart = Abi.X64.VmArea.Base,
        AreaEnd = Abi.X64.VmArea.Base + Abi.X64.VmArea.MappedSize,
        VcpuPage = Abi.X64.VmArea.Vcpu,
        SiteSize = Abi.X64.InlineSite.Size,
        MaxRam = 1UL << 40,
        RamdiskEnd = Abi.X64.VmArea.Base, // where a bare machine has its library, so that both have the RAM disk at one place
    };

    /// <summary>Both.</summary>
    public static IReadOnlyList<GuestArchitecture> All { get; } = [Ia32, X64];

    /// <summary>Its name in sentences.</summary>
    public required string Name { get; init; }

    /// <summary>Width of an address in bits: 32 or 64.</summary>
    public required int Bits { get; init; }

    /// <summary>Type of the notes that the preprocessor leaves.</summary>
    public required uint NoteType { get; init; }

    /// <summary>The version of the ABI that this LilyVM has.</summary>
    public required uint AbiVersion { get; init; }

    /// <summary>The jump table.</summary>
    public required EntryTable Entries { get; init; }

    /// <summary>First guest virtual address of the VM area.</summary>
    public required ulong AreaStart { get; init; }

    /// <summary>First guest virtual address behind it.</summary>
    public required ulong AreaEnd { get; init; }

    /// <summary>Guest virtual address of the vCPU page.</summary>
    public required ulong VcpuPage { get; init; }

    /// <summary>Bytes of one inline site in a note.</summary>
    public required int SiteSize { get; init; }

    /// <summary>The most RAM that a guest can have, in bytes.</summary>
    public required ulong MaxRam { get; init; }

    /// <summary>A RAM disk ends there at most: a guest physical address.</summary>
    public required uint RamdiskEnd { get; init; }

    /// <summary>Whether a guest virtual address lies in the VM area.</summary>
    public bool IsInArea(ulong address) => address >= AreaStart && address < AreaEnd;
}
