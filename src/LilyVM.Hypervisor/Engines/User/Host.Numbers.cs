using Number = LilyVM.Hypervisor.Shared.User.StubCall;

namespace LilyVM.Hypervisor.Engines.User;

/// <content>Numbers of the host's calls, and constants of x86-64 Linux for their arguments.</content>
internal static unsafe partial class Host
{
    public const int WriteNumber = (int)Number.Write, Mmap = (int)Number.Mmap, Mprotect = (int)Number.Mprotect,
        PkeyMprotect = (int)Number.PkeyMprotect,
        Munmap = (int)Number.Munmap, SignalReturn = (int)Number.RtSigreturn, Madvise = (int)Number.Madvise,
        ModifyLdt = (int)Number.ModifyLdt, FutexNumber = (int)Number.Futex, TimerSetTime = (int)Number.TimerSettime,
        ArchPrctl = (int)Number.ArchPrctl, ExitGroup = (int)Number.ExitGroup, Tgkill = (int)Number.Tgkill;

    public const int NoAccess = 0, ReadOnly = 1, ReadWrite = 3, ReadExecute = 5, ReadWriteExecute = 7;
    public const int Shared = 1, Private = 2, Fixed = 0x10, Anonymous = 0x20, NoReserve = 0x4000, Populate = 0x8000;
    public const int Nothing = Private | Anonymous | Fixed | NoReserve; // a mapping that only reserves addresses
    public const int FutexWait = 0, FutexWake = 1;
    public const int NoMemory = -12;
}
