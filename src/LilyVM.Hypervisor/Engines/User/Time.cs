using System.Threading;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// The machine's clock, made from the TSC so that reading it needs no host, and this stub's timer for the 8254. Safe: works on the
/// machine's shared state.
/// </summary>
internal static unsafe class Time
{
    private const int Kick = 10; // SIGUSR1, what the VM process sends too
    private const ulong Never = ulong.MaxValue;

    private static int timer;

    // Instead of a stackalloc, for which the compiler wants a stack cookie.
    private struct Words
    {
        public ulong W0, W1, W2, W3, W4, W5, W6, W7;
    }

    /// <summary>Nanoseconds since the machine was made.</summary>
    public static ulong Now => TscScale.ToNanoseconds(Native.ReadTsc() - This.Machine->TscOrigin, This.Machine->TscMultiplier);

    /// <summary>Makes this stub's timer; timers are not inherited by fork.</summary>
    public static void Initialize()
    {
        // struct sigevent: value, signal number, SIGEV_SIGNAL.
        Words scratch;
        ulong* notification = (ulong*)&scratch;
        notification[0] = 0;
        notification[1] = Kick;
        int id;
        SetUp.Call(StubCall.TimerCreate, 1, (ulong)notification, (ulong)&id);
        timer = id;
        // Off; but a guest would hang if this were refused later.
        notification[0] = notification[1] = notification[2] = notification[3] = 0;
        SetUp.Call(StubCall.TimerSettime, (ulong)timer, 0, (ulong)notification);
    }

    /// <summary>
    /// Makes this stub's timer ring when the 8254 next changes its interrupt line, unless some stub's timer will do so already: whoever it
    /// rings for passes it on to the holder of the baton (<see cref="Rang"/>). A timer that rings too often does no harm.
    /// </summary>
    public static void Arm(ulong deadline)
    {
        Machine* machine = This.Machine;
        if (deadline == machine->ArmedDeadline || (deadline == Never && machine->ArmedDeadline == 0))
            return;
        machine->ArmedDeadline = deadline;
        This.Count(Counter.TimerSettings);
        Words scratch;
        long* setting = (long*)&scratch;
        setting[0] = setting[1] = setting[2] = setting[3] = 0;
        if (deadline != Never)
        {
            ulong now = Now, wait = deadline > now ? deadline - now : 1;
            setting[2] = (long)(wait / 1_000_000_000);
            setting[3] = (long)(wait % 1_000_000_000);
        }
        Host.Call(Host.TimerSetTime, (ulong)timer, 0, (ulong)setting);
    }

    /// <summary>
    /// A timer rang, or the VM process sent a signal, in this stub. The shared word is what counts: by the time somebody looks, another
    /// stub may hold the baton. Who is signalled must never pass that on to itself, or the two would go on until the signal stack is full:
    /// so a stub goes by the very word that the VM process goes by, and one that got the baton before it has returned from its fork does
    /// nothing: it looks at everything when it begins.
    /// </summary>
    public static void Rang()
    {
        Machine* machine = This.Machine;
        machine->ArmedDeadline = 0;
        Interlocked.Or(ref machine->Lines.Rises, InterruptLines.LookAgain);
        if (This.Index == This.NoIndex)
            return;
        if (Volatile.Read(ref machine->HolderProcess) == This.Slot(This.Index)->Process)
            Volatile.Write(ref *This.Attention, 1);
        else
            Exits.PassKickOn(machine);
    }
}
