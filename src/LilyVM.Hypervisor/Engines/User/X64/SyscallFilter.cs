namespace LilyVM.Hypervisor.Engines.User;

// Allowed are mappings of guest RAM below the stub, their end, reservations without rights, large pages, waiting, timers, bases of FS and GS,
// and ending.
internal static unsafe partial class SyscallFilter
{
    private const ulong Number = 0, Architecture = 4, FromHigh = 12, First = 16, AddressHigh = 20, Second = 24, Protection = 32, Flags = 40, File = 48;
    private const ulong StubHigh = Layout.Image >> 32;
    private const ulong Ram = (ulong)(Host.Shared | Host.Fixed), Nothing = (ulong)(Host.Private | Host.Anonymous | Host.Fixed | Host.NoReserve);
    private const ulong SetGs = 0x1001, SetFs = 0x1002, Wait = 0, Wake = 1, Collapse = 25; // MADV_COLLAPSE

    // Where the tests of one call begin.
    private const int Map = 15, MapNothing = 20, Addresses = 23, Futex = 25, Bases = 28, Advice = 31, Allowed = 33, Refused = 34;

    // One instruction: code, how many of the next ones are left out if the test holds and if not, operand.
    private static global::System.ReadOnlySpan<ulong> Program =>
    [
        Load | Architecture << 32,
        Equal | (ulong)(Refused - 2) << 24 | X86_64 << 32,
        Load | FromHigh << 32,
        Equal | 1 << 16 | StubHigh << 32,
        Return | Trap << 32,
        Load | Number << 32,
        Equal | (ulong)(Map - 7) << 16 | (ulong)Host.Mmap << 32,
        Equal | (ulong)(Addresses - 8) << 16 | (ulong)Host.Mprotect << 32,
        Equal | (ulong)(Addresses - 9) << 16 | (ulong)Host.Munmap << 32,
        Equal | (ulong)(Futex - 10) << 16 | (ulong)Host.FutexNumber << 32,
        Equal | (ulong)(Allowed - 11) << 16 | (ulong)Host.SignalReturn << 32,
        Equal | (ulong)(Allowed - 12) << 16 | (ulong)Host.TimerSetTime << 32,
        Equal | (ulong)(Bases - 13) << 16 | (ulong)Host.ArchPrctl << 32,
        Equal | (ulong)(Advice - 14) << 16 | (ulong)Host.Madvise << 32,
        Equal | (ulong)(Allowed - 15) << 16 | (ulong)(Refused - 15) << 24 | (ulong)Host.ExitGroup << 32,
        // Map: guest RAM at a fixed place, with or without its pages at once ...
        Load | Flags << 32,
        Equal | 1 << 16 | Ram << 32,
        Equal | (ulong)(MapNothing - 18) << 24 | (Ram | (ulong)Host.Populate) << 32,
        Load | File << 32,
        Equal | (ulong)(Addresses - 20) << 16 | (ulong)(Refused - 20) << 24 | (ulong)Layout.RamFile << 32,
        // MapNothing: ... or nothing, without rights.
        Equal | (ulong)(Refused - 21) << 24 | Nothing << 32,
        Load | Protection << 32,
        Equal | (ulong)(Refused - 23) << 24 | (ulong)Host.NoAccess << 32,
        // Addresses: below the stub.
        Load | AddressHigh << 32,
        Above | (ulong)(Refused - 25) << 16 | (ulong)(Allowed - 25) << 24 | StubHigh << 32,
        // Futex: nothing that touches other words.
        Load | Second << 32,
        Equal | (ulong)(Allowed - 27) << 16 | Wait << 32,
        Equal | (ulong)(Allowed - 28) << 16 | (ulong)(Refused - 28) << 24 | Wake << 32,
        // Bases.
        Load | First << 32,
        Equal | (ulong)(Allowed - 30) << 16 | SetFs << 32,
        Equal | (ulong)(Allowed - 31) << 16 | (ulong)(Refused - 31) << 24 | SetGs << 32,
        // Advice: what takes no more memory than the guest may have, nor gives any away.
        Load | Protection << 32,
        Equal | (ulong)(Allowed - 33) << 16 | (ulong)(Refused - 33) << 24 | Collapse << 32,
        Return | Allow << 32,
        Return | Kill << 32,
    ];
}
