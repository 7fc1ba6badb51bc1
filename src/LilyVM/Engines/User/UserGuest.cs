using LilyVM.Boot;
using LilyVM.Hypervisor;
using StubCounter = LilyVM.Hypervisor.Shared.User.Counter;

namespace LilyVM.Engines.User;

/// <summary>
/// What the user engine must know of its guest's architecture: which images, and how the file is laid out that guest, stubs and this
/// process share.
/// </summary>
internal abstract unsafe class UserGuest
{
    private static readonly UserGuest Ia32 = new Ia32.Ia32UserGuest(), X64 = new X64.X64UserGuest();

    /// <summary>That of an architecture; with a level of isolation, chosen already, for x86-64 guests.</summary>
    internal static UserGuest Of(GuestArchitecture architecture, IsolationLevel isolation = IsolationLevel.None) =>
        architecture == GuestArchitecture.X64 ? new X64.X64UserGuest { Isolation = isolation } : Ia32;

    /// <summary>The resource that holds the VM library's image.</summary>
    internal abstract string Library { get; }

    /// <summary>The resource that holds the stub's image.</summary>
    internal abstract string Stub { get; }

    /// <summary>Bytes of the machine file, and where in it the neutral part and the FPU state lie.</summary>
    internal abstract uint MachineFileSize { get; }

    /// <summary>See <see cref="MachineFileSize"/>.</summary>
    internal abstract uint MachineOffset { get; }

    /// <summary>See <see cref="MachineFileSize"/>.</summary>
    internal abstract uint FpuOffset { get; }

    /// <summary>Bytes behind guest RAM in its file that stubs need.</summary>
    internal abstract long SpareRam { get; }

    /// <summary>What CPUID returns to programs where the engine answers it.</summary>
    internal abstract IReadOnlyList<CpuidEntry> ProgramCpuid { get; }

    /// <summary>Whether memory in pages of 2 MiB is worth asking for.</summary>
    internal abstract bool WantsLargePages { get; }

    /// <summary>What is counted of such guests only.</summary>
    internal abstract IReadOnlyList<StubCounter> OwnCounters { get; }

    /// <summary>Whether something is counted of such guests.</summary>
    internal bool Counts(StubCounter counter) => OwnCounters.Contains(counter)
        || (!Ia32.OwnCounters.Contains(counter) && !X64.OwnCounters.Contains(counter));

    /// <summary>What keeps programs from their kernel.</summary>
    internal IsolationLevel Isolation { get; private init; } = IsolationLevel.None;

    /// <summary>Whether the guest's code can name the addresses of the stub.</summary>
    internal abstract bool ReachesStub { get; }

    /// <summary>How a guest gets to where only LilyVM should be: the beginning of a sentence about what happened there.</summary>
    internal abstract string Trespass { get; }

    /// <summary>Puts the VM library's image in its place.</summary>
    internal abstract void PlaceLibrary(byte* file, ReadOnlySpan<byte> image);

    /// <summary>Fills the vCPU page for the guest's first instruction.</summary>
    internal abstract void PreparePage(byte* file, in StartState start);
}
