using System.Runtime.InteropServices;

namespace LilyVM.Engines.Kvm;

/// <summary>
/// The interrupt line of a KVM guest: a signal that the guest's thread blocks, but not while KVM runs the guest. There it ends the run, and
/// here it is waited for; no handler ever runs, and none is lost that comes in between. SIGURG, which does nothing by default: one that
/// comes when its thread is gone harms nobody.
/// </summary>
internal sealed unsafe partial class KickSignal : IDisposable
{
    private const int Number = 23, Block = 0; // SIGURG, SIG_BLOCK
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const long GetThread = 186, SendToThread = 234; // system calls of x86-64
    private const int Monotonic = 1, ToThread = 4; // CLOCK_MONOTONIC, SIGEV_THREAD_ID
    private readonly SignalSet self = new() { Low = 1ul << (Number - 1) };
    private int thread;
    private nint timer;

    /// <summary>From now on this thread, and no other, gets it. Returns the thread's mask without it.</summary>
    internal ulong Bind()
    {
        SignalSet set = self, before;
        _ = SetMask(Block, &set, &before);
        Volatile.Write(ref thread, (int)Call(GetThread, 0, 0, 0));
        TimerEvent notice = new() { Signal = Number, Notify = ToThread, Thread = thread };
        nint made;
        if (CreateTimer(Monotonic, &notice, &made) != 0)
            throw new LilyVMException(
                $"The host gives the machine no timer: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        timer = made;
        return before.Low & ~set.Low;
    }

    /// <summary>Sends it. Before there is a thread, the guest has not started and will look around anyway.</summary>
    internal void Send()
    {
        int target = Volatile.Read(ref thread);
        if (target != 0)
            _ = Call(SendToThread, Environment.ProcessId, target, Number);
    }

    /// <summary>Takes it if it is pending, or waits until it comes or time is over, or another signal came.</summary>
    internal void Wait(ulong nanoseconds)
    {
        SignalSet set = self;
        TimeSpec time = TimeSpec.Of(nanoseconds);
        _ = WaitForSignal(&set, null, nanoseconds == ulong.MaxValue ? null : &time);
    }

    /// <summary>Sends it in so many nanoseconds; ulong.MaxValue cancels.</summary>
    internal void SetTimer(ulong nanoseconds)
    {
        TimerSetting setting = new() { First = nanoseconds == ulong.MaxValue ? default : TimeSpec.Of(Math.Max(nanoseconds, 1)) };
        _ = SetTimer(timer, 0, &setting, null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref thread, 0) != 0)
            _ = DeleteTimer(timer);
    }

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int SetMask(int how, SignalSet* set, SignalSet* before);

    [LibraryImport("libc", EntryPoint = "sigtimedwait")]
    private static partial int WaitForSignal(SignalSet* set, void* information, TimeSpec* time);

    [LibraryImport("libc", EntryPoint = "timer_create", SetLastError = true)]
    private static partial int CreateTimer(int clock, TimerEvent* notice, nint* timer);

    [LibraryImport("libc", EntryPoint = "timer_settime")]
    private static partial int SetTimer(nint timer, int flags, TimerSetting* setting, TimerSetting* before);

    [LibraryImport("libc", EntryPoint = "timer_delete")]
    private static partial int DeleteTimer(nint timer);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long Call(long number, nint first, nint second, nint third);

    // sigset_t of the C library.
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct SignalSet
    {
        public ulong Low;
    }

    // sigevent.
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct TimerEvent
    {
        public ulong Value;
        public int Signal, Notify, Thread;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds, Nanoseconds;

        public static TimeSpec Of(ulong nanoseconds) =>
            new() { Seconds = (long)(nanoseconds / NanosecondsPerSecond), Nanoseconds = (long)(nanoseconds % NanosecondsPerSecond) };
    }

    // itimerspec.
    [StructLayout(LayoutKind.Sequential)]
    private struct TimerSetting
    {
        public TimeSpec Interval, First;
    }
}
