namespace LilyVM.Tests.Engines;

/// <summary>System calls of the host's that stubs make, and each of them with one thing changed that they never do.</summary>
public static class StubCalls
{
    private const uint Write = 1, Mmap = 9, Mprotect = 10, Munmap = 11, SignalReturn = 15, Madvise = 28, ModifyLdt = 154, ArchPrctl = 158,
        Futex = 202, TimerSetTime = 223, ExitGroup = 231, Tgkill = 234, PkeyMprotect = 329;

    private const ulong Knock = (ulong)Secret << 32;

    private const ulong Stub = 0x6000_0000_0000, Page = 0x1000, Below4G = 0xFFFF_0000, TwoGiB = 0x8000_0000;
    private const ulong Shared = 1, Private = 2, Fixed = 0x10, Anonymous = 0x20, NoReserve = 0x4000, Populate = 0x8000, HugeTlb = 0x4_0000;
    private const ulong Execute = 5, All = 7, Ram = 3, Machine = 4, NoFile = ulong.MaxValue, GrowsDown = 0x0100_0000;

    /// <summary>One call.</summary>
    /// <param name="Name">What is special about it.</param>
    /// <param name="IsAllowed">Whether stubs make it.</param>
    /// <param name="Call">Its number.</param>
    /// <param name="Arguments">Six.</param>
    public sealed record Row(string Name, bool IsAllowed, uint Call, ulong[] Arguments);

    /// <summary>Of stubs of x86-64 guests.</summary>
    public static Row[] OfX64 { get; } =
    [
        May("RAM", Mmap, 0x40_0000, Page, Execute, Shared | Fixed, Ram, Page),
        May("RAM at once, 1 GiB", Mmap, 0x4000_0000_0000, 1 << 30, All, Shared | Fixed | Populate, Ram),
        May("RAM up to the stub", Mmap, Stub - Page, Page, All, Shared | Fixed, Ram),
        May("a reservation", Mmap, TwoGiB, Stub - TwoGiB, 0, Private | Anonymous | Fixed | NoReserve, NoFile),
        May("RAM from 64 TiB to the stub", Mmap, 0x4000_0000_0000, Stub - 0x4000_0000_0000, All, Shared | Fixed, Ram),
        MayNot("RAM a page into the stub", Mmap, Stub - Page, 2 * Page, All, Shared | Fixed, Ram),
        MayNot("RAM over the stub", Mmap, Stub, Page, All, Shared | Fixed, Ram),
        MayNot("RAM above the stub", Mmap, 0x7FFF_0000_0000, Page, All, Shared | Fixed, Ram),
        MayNot("RAM into the upper half", Mmap, 0xFFFF_8000_0000_0000, Page, All, Shared | Fixed, Ram),
        MayNot("RAM across the stub", Mmap, 0x5000_0000_0000, 0x2000_0000_0000, All, Shared | Fixed, Ram),
        MayNot("RAM round all addresses", Mmap, 0x5000_0000_0000, 0xFFFF_F000_0000_0000, All, Shared | Fixed, Ram),
        MayNot("RAM that grows", Mmap, 0x40_0000, Page, All | GrowsDown, Shared | Fixed, Ram),
        MayNot("a private copy of RAM", Mmap, 0x40_0000, Page, All, Private | Fixed, Ram),
        MayNot("RAM at any place", Mmap, 0x40_0000, Page, All, Shared, Ram),
        MayNot("RAM in huge pages of the host's pool", Mmap, 0x40_0000, Page, All, Shared | Fixed | HugeTlb, Ram),
        MayNot("the state of the machine", Mmap, 0x40_0000, Page, All, Shared | Fixed, Machine),
        MayNot("another file", Mmap, 0x40_0000, Page, All, Shared | Fixed, 0),
        MayNot("memory of no file", Mmap, 0x40_0000, Page, All, Shared | Fixed | Anonymous, NoFile),
        MayNot("memory of its own", Mmap, 0x40_0000, Page, 3, Private | Fixed | Anonymous | NoReserve, NoFile),
        MayNot("memory of its own that counts", Mmap, 0x40_0000, Page, 0, Private | Fixed | Anonymous, NoFile),
        MayNot("a reservation of the stub", Mmap, Stub, Page, 0, Private | Fixed | Anonymous | NoReserve, NoFile),
        MayNot("a reservation across it", Mmap, TwoGiB, Stub, 0, Private | Fixed | Anonymous | NoReserve, NoFile),
        May("rights", Mprotect, 0x40_0000, Page, All),
        May("no rights", Mprotect, 0x40_0000, Page, 0),
        MayNot("rights of the stub", Mprotect, Stub, Page, All),
        MayNot("rights across it", Mprotect, TwoGiB, Stub, All),
        MayNot("rights that grow", Mprotect, 0x40_0000, Page, All | GrowsDown),
        MayNot("rights for semaphores", Mprotect, 0x40_0000, Page, 8),
        May("rights with the kernel's key", PkeyMprotect, 0x40_0000, Page, All, 1),
        May("rights with the programs' key", PkeyMprotect, 0x40_0000, Page, All, 0),
        MayNot("rights with another key", PkeyMprotect, 0x40_0000, Page, All, 2),
        MayNot("rights with any key", PkeyMprotect, 0x40_0000, Page, All, ulong.MaxValue),
        MayNot("rights of the stub with a key", PkeyMprotect, Stub, Page, All, 1),
        MayNot("rights that grow with a key", PkeyMprotect, 0x40_0000, Page, All | GrowsDown, 1),
        May("large pages", Madvise, 0x6100_0000_0000, 2 << 20, 25),
        .. Enumerable.Range(0, 102).Where(a => a != 25).Select(a => MayNot($"advice {a}", Madvise, 0x40_0000, Page, (ulong)a)),
        May("no mapping", Munmap, 0x40_0000, Page),
        May("no mapping up to the stub", Munmap, 0x4000_0000_0000, 0x2000_0000_0000),
        MayNot("no stub", Munmap, Stub, Page),
        MayNot("no first page of the stub's", Munmap, Stub - Page, 2 * Page),
        MayNot("nothing at all", Munmap, 0, 0x7FFF_FFFF_F000),
        May("the base of FS", ArchPrctl, 0x1002),
        May("the base of GS", ArchPrctl, 0x1001),
        .. ((ulong[])[0x1003, 0x1004, 0x1011, 0x1012, 0x1022, 0x1023, 0x2001, 0x3001, 0x4001, 0x5001]).Select(
            a => MayNot($"arch_prctl {a:x}", ArchPrctl, a)),
        .. Common,
    ];

    /// <summary>The process of a stub's programs, as the tests have it, and the secret of the stub's machine.</summary>
    public const uint Programs = 4711, Secret = 0x1234_5678;

    /// <summary>Of stubs of x86-64 guests whose programs have processes of their own, what others do not make.</summary>
    public static Row[] OfX64WithPrograms { get; } =
    [
        May("an interruption", Tgkill, Programs, Programs, 10),
        MayNot("an interruption of another", Tgkill, Programs + 1, Programs + 1, 10),
        MayNot("an interruption of another thread", Tgkill, Programs, Programs + 1, 10),
        MayNot("the end of the programs", Tgkill, Programs, Programs, 9),
        .. OfX64,
    ];

    /// <summary>Of processes of programs.</summary>
    public static Row[] OfPrograms { get; } =
    [
        May("RAM", Mmap, 0x40_0000, Page, Execute, Shared | Fixed | Populate, Knock | Ram, Page),
        May("a reservation", Mmap, 0x1_0000, Stub - 0x1_0000, 0, Private | Anonymous | Fixed | NoReserve, Knock | Ram),
        MayNot("RAM without the secret", Mmap, 0x40_0000, Page, Execute, Shared | Fixed | Populate, Ram, Page),
        MayNot("RAM with another secret", Mmap, 0x40_0000, Page, Execute, Shared | Fixed, (Knock + (1ul << 32)) | Ram, Page),
        MayNot("a reservation without the secret", Mmap, 0x1_0000, Page, 0, Private | Anonymous | Fixed | NoReserve, NoFile),
        MayNot("RAM over the stub", Mmap, Stub, Page, All, Shared | Fixed, Knock | Ram),
        MayNot("the state of the machine", Mmap, 0x40_0000, Page, All, Shared | Fixed, Knock | Machine),
        May("rights", Mprotect, 0x40_0000, Page, All, 0, Knock | Ram),
        MayNot("rights without the secret", Mprotect, 0x40_0000, Page, All, 0, Ram),
        MayNot("rights of the stub", Mprotect, Stub, Page, All, 0, Knock | Ram),
        May("what the stub had", Munmap, 0x6100_0000_0000, Page, 0, 0, Knock | Ram),
        MayNot("no mapping without the secret", Munmap, 0x40_0000, Page),
        May("the return to a program", SignalReturn, 0, 0, 0, 0, Knock),
        MayNot("the return from a signal by itself", SignalReturn),
        May("the base of FS", ArchPrctl, 0x1002),
        May("the base of GS", ArchPrctl, 0x1001),
        MayNot("another register", ArchPrctl, 0x3001),
        May("waiting", Futex, Stub, 0),
        May("waking", Futex, Stub, 1),
        MayNot("waiting for several", Futex, Stub, 9),
        May("the end", ExitGroup),
    ];

    /// <summary>Of stubs of IA-32 guests.</summary>
    public static Row[] OfIa32 { get; } =
    [
        May("RAM", Mmap, 0x40_0000, Page, Execute, Shared | Fixed, Ram, Page),
        May("RAM by the other file", Mmap, 0x40_0000, Page, Execute, Shared | Fixed, 0),
        May("the state of the machine", Mmap, Below4G, Page, All, Shared | Fixed, Machine),
        MayNot("RAM above 4 GiB", Mmap, 1ul << 32, Page, All, Shared | Fixed, Ram),
        MayNot("RAM over the stub", Mmap, Stub, Page, All, Shared | Fixed, Ram),
        May("RAM up to 4 GiB", Mmap, Below4G, 0x1_0000, All, Shared | Fixed, Ram),
        MayNot("RAM a page beyond", Mmap, Below4G, 0x1_1000, All, Shared | Fixed, Ram),
        MayNot("4 GiB of RAM", Mmap, 0x1_0000, 1ul << 32, All, Shared | Fixed, Ram),
        MayNot("RAM that grows", Mmap, 0x40_0000, Page, All | GrowsDown, Shared | Fixed, Ram),
        MayNot("RAM at once", Mmap, 0x40_0000, Page, All, Shared | Fixed | Populate, Ram),
        MayNot("a private copy of RAM", Mmap, 0x40_0000, Page, All, Private | Fixed, Ram),
        MayNot("RAM at any place", Mmap, 0x40_0000, Page, All, Shared, Ram),
        MayNot("memory of no file", Mmap, 0x40_0000, Page, All, Shared | Fixed | Anonymous, NoFile),
        MayNot("memory of its own", Mmap, 0x40_0000, Page, All, Private | Fixed | Anonymous, NoFile),
        MayNot("another file", Mmap, 0x40_0000, Page, All, Shared | Fixed, 5),
        May("no mapping", Munmap, 0x40_0000, Page),
        MayNot("no stub", Munmap, Stub, Page),
        MayNot("nothing at all", Munmap, 0, 0x7FFF_FFFF_F000),
        May("rights", Mprotect, 0x40_0000, Page, All),
        MayNot("rights of the stub", Mprotect, Stub, Page, All),
        MayNot("rights of everything", Mprotect, 0x1_0000, 0x7FFF_0000_0000, All),
        MayNot("rights that grow", Mprotect, 0x40_0000, Page, All | GrowsDown),
        May("a segment", ModifyLdt, 0x11, 0x40_0000, 16),
        MayNot("a look at segments", ModifyLdt, 0, 0x40_0000, 16),
        MayNot("an old segment", ModifyLdt, 1, 0x40_0000, 16),
        MayNot("a long segment", ModifyLdt, 0x11, 0x40_0000, 32),
        .. Common,
    ];

    private static Row[] Common =>
    [
        May("a signal to a device's back end", Write, 6, Stub, 8),
        May("a signal to the last one", Write, 37, Stub, 8),
        MayNot("a signal beyond", Write, 38, Stub, 8),
        MayNot("a longer write there", Write, 6, Stub, 16),
        MayNot("a shorter write there", Write, 6, Stub, 1),
        .. Enumerable.Range(0, 6).Select(f => MayNot($"a write to file {f}", Write, (ulong)f, Stub, 8)),
        May("the end of a signal", SignalReturn),
        May("a timer", TimerSetTime),
        May("the end", ExitGroup, 1),
        May("waiting", Futex, Stub, 0),
        May("waking", Futex, Stub, 1),
        .. Enumerable.Range(2, 12).Select(o => MayNot($"futex operation {o}", Futex, Stub, (ulong)o)),
        MayNot("waiting in private", Futex, Stub, 128),
        MayNot("waking in private", Futex, Stub, 129),
        MayNot("waiting by another clock", Futex, Stub, 256),
    ];

    private static Row May(string name, uint call, params ulong[] arguments) => Make(name, true, call, arguments);

    private static Row MayNot(string name, uint call, params ulong[] arguments) => Make(name, false, call, arguments);

    private static Row Make(string name, bool isAllowed, uint call, ulong[] arguments) =>
        new(name, isAllowed, call, [.. arguments, .. new ulong[6 - arguments.Length]]);
}
