using LilyVM.Abi;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Shared.User;
using StubCounter = LilyVM.Hypervisor.Shared.User.Counter;

namespace LilyVM.Engines.User.Ia32;

/// <summary>IA-32 guests.</summary>
internal sealed unsafe class Ia32UserGuest : UserGuest
{
    /// <inheritdoc/>
    internal override string Library => "vmlib.user.bin";

    /// <inheritdoc/>
    internal override string Stub => "stub.elf";

    /// <inheritdoc/>
    internal override uint MachineFileSize => Layout.MachineFileSize;

    /// <inheritdoc/>
    internal override uint MachineOffset => Layout.MachineOffset;

    /// <inheritdoc/>
    internal override uint FpuOffset => Layout.FpuOffset;

    /// <inheritdoc/>
    internal override long SpareRam => 0;

    /// <inheritdoc/>
    internal override IReadOnlyList<CpuidEntry> ProgramCpuid => [];

    /// <inheritdoc/>
    internal override bool WantsLargePages => false;

    /// <inheritdoc/>
    internal override IReadOnlyList<StubCounter> OwnCounters { get; } =
        [StubCounter.Munmaps, StubCounter.LdtWrites, StubCounter.MovesUp, StubCounter.VdsoPatches];

    /// <inheritdoc/>
    internal override bool ReachesStub => false;

    /// <inheritdoc/>
    internal override string Trespass => "A program of the guest left its segments";

    /// <inheritdoc/>
    internal override void PlaceLibrary(byte* file, ReadOnlySpan<byte> image) =>
        image.CopyTo(new Span<byte>(file, (int)VmArea.LibrarySize));

    /// <inheritdoc/>
    internal override void PreparePage(byte* file, in StartState start) =>
        Ia32FirstPage.Fill((VcpuPage*)(file + (VmArea.Vcpu - VmArea.Base)), LibraryImage.User, start);
}
