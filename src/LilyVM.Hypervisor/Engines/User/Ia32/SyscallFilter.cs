namespace LilyVM.Hypervisor.Engines.User;

// Allowed are mappings of guest RAM and of what stubs share below 4 GiB, waiting, timers, LDT entries and ending. The guest's system calls
// are those of 32-bit code.
internal static unsafe partial class SyscallFilter
{
    private const ulong Number = 0, Architecture = 4, AddressHigh = 20, MapFlags = 40, MapFile = 48; // in struct seccomp_data

    private const int Refused = 20, Allowed = 21, Addresses = 18, Map = 12;

    // One instruction: code, offset of the next one if equal and if not, operand.
    private static global::System.ReadOnlySpan<ulong> Program =>
    [
        Load | Architecture << 32,
        Equal | 1 << 16 | X86_64 << 32,
        Return | Trap << 32,
        Load | Number << 32,
        Equal | (ulong)(Allowed - 5) << 16 | (ulong)Host.FutexNumber << 32,
        Equal | (ulong)(Map - 6) << 16 | (ulong)Host.Mmap << 32,
        Equal | (ulong)(Addresses - 7) << 16 | (ulong)Host.Munmap << 32,
        Equal | (ulong)(Addresses - 8) << 16 | (ulong)Host.Mprotect << 32,
        Equal | (ulong)(Allowed - 9) << 16 | (ulong)Host.SignalReturn << 32,
        Equal | (ulong)(Allowed - 10) << 16 | (ulong)Host.TimerSetTime << 32,
        Equal | (ulong)(Allowed - 11) << 16 | (ulong)Host.ModifyLdt << 32,
        Equal | (ulong)(Allowed - 12) << 16 | (ulong)(Refused - 12) << 24 | (ulong)Host.ExitGroup << 32,
        // Map: what stubs have open, at a fixed place ...
        Load | MapFlags << 32,
        Equal | (ulong)(Refused - 14) << 24 | (ulong)(Host.Shared | Host.Fixed) << 32,
        Load | MapFile << 32,
        Equal | (ulong)(Addresses - 16) << 16 | (ulong)Layout.RamFile << 32,
        Equal | (ulong)(Addresses - 17) << 16 | (ulong)Layout.SecondRamFile << 32,
        Equal | (ulong)(Refused - 18) << 24 | (ulong)Layout.MachineFileDescriptor << 32,
        // Addresses: ... below 4 GiB.
        Load | AddressHigh << 32,
        Equal | 1 << 16,
        Return | Kill << 32,
        Return | Allow << 32,
    ];
}
