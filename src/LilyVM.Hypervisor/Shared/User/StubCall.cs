namespace LilyVM.Hypervisor.Shared.User;

/// <summary>
/// The host system calls that a stub makes, by their numbers on x86-64 Linux; people read their names (ModifyLdt: modify_ldt).
/// </summary>
internal enum StubCall : uint
{
    /// <summary>No call.</summary>
    None,
    Write = 1,
    Open = 2,
    Close = 3,
    Mmap = 9,
    Mprotect = 10,
    Munmap = 11,
    RtSigaction = 13,
    RtSigreturn = 15,
    Madvise = 28,
    Getpid = 39,
    Clone = 56,
    Getppid = 110,
    Sigaltstack = 131,
    ModifyLdt = 154,
    Prctl = 157,
    ArchPrctl = 158,
    Futex = 202,
    SchedSetaffinity = 203,
    TimerCreate = 222,
    TimerSettime = 223,
    ExitGroup = 231,
    Tgkill = 234,
    Seccomp = 317,
    PkeyMprotect = 329,
    PkeyAlloc = 330,

    /// <summary>One by INT 80h, as guest programs make them.</summary>
    Old = 0x8000_0000,

    /// <summary>None: a look whether the CPU has the segments that <see cref="ModifyLdt"/> made.</summary>
    Segments = 0x8000_0001,
}
