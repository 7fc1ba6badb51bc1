extern alias X64;
using LilyVM.Abi;
using LilyVM.Boot;
using LilyVM.Hypervisor;
using Layout = X64::LilyVM.Hypervisor.Shared.User.Layout;
using StubCounter = LilyVM.Hypervisor.Shared.User.Counter;
using VcpuPage = LilyVM.Abi.X64.VcpuPage;
using VmArea = LilyVM.Abi.X64.VmArea;

namespace LilyVM.Engines.User.X64;

/// <summary>x86-64 guests.</summary>
internal sealed unsafe class X64UserGuest : UserGuest
{
    /// <inheritdoc/>
    internal override string Library => Isolation == IsolationLevel.Keys ? "vmlib.keyed-x64.bin" : "vmlib.user-x64.bin";

    /// <inheritdoc/>
    internal override string Stub => "stub-x64.elf";

    /// <inheritdoc/>
    internal override uint MachineFileSize => Layout.MachineFileSize;

    /// <inheritdoc/>
    internal override uint MachineOffset => Layout.MachineOffset;

    /// <inheritdoc/>
    internal override uint FpuOffset => Layout.FpuOffset;

    /// <inheritdoc/>
    internal override long SpareRam => (long)Layout.PatchBytes;

    /// <inheritdoc/>
    internal override IReadOnlyList<CpuidEntry> ProgramCpuid => Boot.ProgramCpuid.Make(HostCpuid.Read);

    /// <inheritdoc/>
    internal override bool WantsLargePages => true;

    /// <inheritdoc/>
    internal override IReadOnlyList<StubCounter> OwnCounters { get; } =
    [
        StubCounter.PagesMapped, StubCounter.LargePages, StubCounter.Scans, StubCounter.Drops, StubCounter.BaseWrites,
        StubCounter.CodePagesCopied,
        StubCounter.SystemCallsPatched, StubCounter.IdentificationsPatched, StubCounter.KeyedMprotects,
        StubCounter.ProgramTurns, StubCounter.ProgramMappings,
    ];

    /// <inheritdoc/>
    internal override bool ReachesStub => true;

    /// <inheritdoc/>
    internal override string Trespass => "The guest, or one of its programs, went where only LilyVM should be,";

    /// <summary>The library's text, and the page of pointers to its entries; what lies between is zero.</summary>
    internal override void PlaceLibrary(byte* file, ReadOnlySpan<byte> image)
    {
        const int Pointers = (int)(VmArea.Pointers - VmArea.Base), PointerBytes = 0x1000;
        image[..(int)VmArea.LibrarySize].CopyTo(new Span<byte>(file, (int)VmArea.LibrarySize));
        image.Slice(Pointers, PointerBytes).CopyTo(new Span<byte>(file + Pointers, PointerBytes));
    }

    /// <inheritdoc/>
    internal override void PreparePage(byte* file, in StartState start)
    {
        const ulong Paged = 0x8001_0011, AddressExtension = 0x20, Reserved = 2; // CR0.PG, WP, ET and PE; CR4.PAE; bit 1 of RFLAGS
        const ulong NoBreakpoints = 0x400, NoDebugEvents = 0xFFFF_0FF0; // DR7 and DR6 after a reset
        var page = (VcpuPage*)(file + (VmArea.Vcpu - VmArea.Base));
        page->AbiVersion = VmArea.AbiVersion;
        page->Image = (uint)LibraryImage.User;
        page->Flags = Reserved;
        page->Cr0 = Paged;
        page->Cr3 = start.PageTables;
        page->Cr4 = AddressExtension;
        page->Dr6 = NoDebugEvents;
        page->Dr7 = NoBreakpoints;
        page->Cs = start.Selectors.Code;
        page->Ss = page->Ds = page->Es = start.Selectors.Data;
    }
}
