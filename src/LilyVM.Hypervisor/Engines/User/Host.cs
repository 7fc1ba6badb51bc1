using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// The host system calls that a stub makes while it runs the guest. Results are those of the kernel: negative error numbers. The filter of
/// <see cref="FilterRules"/> allows these and no others. Safe: the host's kernel checks what it is given, and the filter which memory it
/// may change.
/// </summary>
internal static unsafe partial class Host
{
    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds, Nanoseconds;
    }

    /// <summary>A call with up to six arguments.</summary>
    public static nint Call(int number, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0, ulong e = 0, ulong f = 0) =>
        Native.Syscall(number, (nint)a, (nint)b, (nint)c, (nint)d, (nint)e, (nint)f);

    /// <summary>Waits while the word holds what is expected, not longer than the time if there is one; may return early.</summary>
    public static void Wait(uint* word, uint expected, TimeSpec* time = null) =>
        Call(FutexNumber, (ulong)word, FutexWait, expected, (ulong)time);

    /// <summary>Wakes whoever waits on the word.</summary>
    public static void Wake(uint* word) => Call(FutexNumber, (ulong)word, FutexWake, int.MaxValue);

    /// <summary>Signals one of the event files that the VM process gave.</summary>
    public static void Signal(uint number)
    {
        ulong one = 1;
        Call(WriteNumber, Layout.FirstEventFile + number, (ulong)&one, sizeof(ulong));
    }

    /// <summary>Ends this stub.</summary>
    public static void Leave(int status)
    {
        while (true)
            Call(ExitGroup, (ulong)status);
    }
}
