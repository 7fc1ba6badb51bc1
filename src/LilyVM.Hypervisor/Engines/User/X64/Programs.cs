using System.Runtime;
using System.Runtime.Intrinsics.X86;
using System.Threading;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Programs in a process of their own (docs/isolation.md): this stub's guest kernel runs here, its programs there, where nothing of the
/// kernel is mapped. The two take turns. What this stub maps at programs' addresses is mapped there, too, before programs go on
/// (<c>Programs.Mappings.cs</c>). Safe: <see cref="ProgramPage"/> is mapped as long as the stub lives, and what comes back in it is
/// believed no more than a program's registers.
/// </summary>
internal static unsafe partial class Programs
{
    private const uint Apart = 2; // what lily_isolation says then (native/entry/user/x64/stub.S)
    private const ulong ChildExit = 17, VmProcessesChild = 0x8000; // SIGCHLD, CLONE_PARENT
    private const uint Kick = 10; // SIGUSR1

    private static uint process;
    private static uint isOut; // programs have their turn, or are about to

    /// <summary>Whether that is how programs run.</summary>
    public static bool AreApart => This.Machine->ProgramsAreApart != 0;

    /// <summary>Their process; 0 where they have none.</summary>
    public static uint Process => process;

    private static ProgramPage* Page => (ProgramPage*)Layout.Programs;

    /// <summary>In a new stub, before its filter: makes their process, and waits until it is ready.</summary>
    public static void Start()
    {
        SetUp.Require(StubCall.Mmap, (ulong)SetUp.Call(StubCall.Mmap, Layout.Programs, ProgramPage.Bytes, Host.ReadWrite,
            Host.Shared | Host.Anonymous | Host.Fixed) == Layout.Programs);
        Page->Looks = This.Machine->ProgramLooks;
        nint child = SetUp.Call(StubCall.Clone, VmProcessesChild | ChildExit);
        if (child == 0)
            ProgramSide.Begin(Page);
        process = (uint)child;
        This.Slot(This.Index)->Programs = process;
        *(uint*)Native.Address(AssemblyAddress.Isolation) = Apart;
        Await();
        Page->CommandCount = 0; // those that it began with
        ProgramFrame.Learn(Page);
    }

    /// <summary>
    /// From assembly: the state of a program is complete, FPU registers are its own. Returns if something is to be done before it goes on;
    /// else goes on with what ended its turn, and enters the guest by itself.
    /// </summary>
    [RuntimeExport("lily_enter_program")]
    public static void Enter()
    {
        Vcpu* cpu = This.Vcpu;
        ProgramFrame.Give(cpu, Page);
        Volatile.Write(ref isOut, 1);
        if (Volatile.Read(ref *This.Attention) != 0)
        {
            isOut = 0; // from the mark on, a signal is passed on to the program's side
            return;
        }
        Page->Stay = 0;
        TakeTurn();
        Volatile.Write(ref isOut, 0);
        if (Page->Signal == 0)
            return; // it could not carry out a command
        ProgramFrame.Answer(cpu, Page);
    }

    /// <summary>Something is to be done: programs lose their turn, if they have it.</summary>
    public static void Interrupt()
    {
        if (Volatile.Read(ref isOut) != 0)
            Host.Call(Host.Tgkill, process, process, Kick);
    }

    // The program's side has its turn until this returns.
    private static void TakeTurn()
    {
        ProgramPage* page = Page;
        This.Count(Counter.ProgramTurns);
        This.Count(Counter.ProgramMappings, page->CommandCount);
        page->Secret = ProgramSide.Secret(This.Machine->ProgramSecret);
        Interlocked.Exchange(ref page->Go, 1);
        if (page->GoSleeps != 0)
            Host.Wake(&page->Go);
        Await();
        commands = 0;
        page->CommandCount = 0;
        if (page->Error != 0)
            Failed(page->Error);
    }

    // Looks for a while, then sleeps. A signal ends the sleep only.
    private static void Await()
    {
        ProgramPage* page = Page;
        for (uint i = This.Machine->ProgramLooks; i != 0 && Volatile.Read(ref page->Back) == 0; i--)
            X86Base.Pause();
        while (Volatile.Read(ref page->Back) == 0)
        {
            Interlocked.Exchange(ref page->BackSleeps, 1);
            if (Volatile.Read(ref page->Back) == 0)
                Host.Wait(&page->Back, 0);
            page->BackSleeps = 0;
        }
        page->Back = 0;
    }

    // As if the host had no room here: everything goes, on both sides.
    private static void Failed(long error)
    {
        Page->Error = 0;
        if (error != Host.NoMemory)
            Failure.Report(FailureCode.MapFailed, 0, (ulong)-error);
        AddressSpace.DropAll();
    }
}
