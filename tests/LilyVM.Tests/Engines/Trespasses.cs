using System.Globalization;
using LilyVM.Abi.X64;

namespace LilyVM.Tests.Engines;

/// <summary>Where the program of the small guest <c>trespass</c> is sent, and how it is told.</summary>
internal static class Trespasses
{
    internal const string Guest = "trespass";

    /// <summary>Where the library, what engine and guest share, the stub and the guest's kernel begin.</summary>
    internal const ulong Library = VmArea.Base, Vcpu = VmArea.Vcpu, Kernel = 0x4100_0000;
    internal const ulong Stub = 0x6000_0000_0000, StubRam = 0x6100_0000_0000;

    /// <summary>A page of each thing that programs should not touch; the first word of each is there, and is not theirs.</summary>
    internal static IReadOnlyList<ulong> Windows { get; } =
    [
        Kernel, // the guest's kernel
        Library, // the VM library's image
        Vcpu, // what library and engine share: the vCPU page,
        VmArea.Private, // the virtual CPU,
        Library + 0x10_8000, // the state of the machine,
        Library + 0x11_0000, // FPU state,
        Library + 0x17_0000, // patches
        StubRam, // the stub's view of guest RAM
        Stub + 0x5000_0000, // what it has mapped where
    ];

    /// <summary>Places at the edges of what there is.</summary>
    internal static IReadOnlyList<ulong> Edges { get; } =
    [
        .. Windows, 0, 0x1000, 0x3FFF_F000, 0x4000_0000, Library + VmArea.LibrarySize - 16, VmArea.Pointers, VmArea.ProgramCallSlot,
        Library + 0x10_6000, Library + 0x1F_FFF8, 0x8000_0000, 0x4000_0000_0000, Stub,
        0x7FFF_FFFF_F000, 0x8000_0000_0000, 0xFFFF_8000_0000_0000,
    ];

    /// <summary>Jumps to every entry of the jump table, into code and data; writes to each window, of a word and of a page.</summary>
    internal static IReadOnlyList<string> All { get; } =
    [
        .. LibraryEntries.Table.All.Select(e => Typed('j', e.Address, 0)),
        .. Enumerable.Range(0, 16).Select(i => Typed('j', Library + 0x400 + (ulong)i * 0x61, 0)), // the library's text
        .. Enumerable.Range(0, 16).Select(i => Typed('j', Stub + 0x1000 + (ulong)i * 0x643, 0)), // the stub's
        .. Windows.Select(w => Typed('j', w, 0)),
        .. Accesses,
    ];

    /// <summary>Reads and writes of each window.</summary>
    internal static IEnumerable<string> Accesses =>
        Windows.SelectMany(w => new[] { Typed('r', w, 0), Typed('w', w, 0), Typed('w', w, ulong.MaxValue), Typed('f', w, ulong.MaxValue) });

    /// <summary>What the guest is typed: j to jump there, r to read, w to write, f to fill a page, h to write a word and stay.</summary>
    internal static string Typed(char what, ulong where, ulong value) =>
        string.Create(CultureInfo.InvariantCulture, $"{what}{where:x16}{value:x16}");
}
