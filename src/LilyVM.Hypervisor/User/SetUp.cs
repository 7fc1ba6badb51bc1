namespace LilyVM.Hypervisor.User;

/// <summary>
/// The system calls that a stub makes before the guest runs. A seccomp profile of the host may refuse any of them, or end who makes it, so each is first
/// named in shared memory, where the VM process finds it when this process has ended.
/// </summary>
internal static unsafe class SetUp
{
    /// <summary>In place of a number: the call by INT 80h.</summary>
    public const uint OldSystemCall = 0x8000_0000;

    private static uint* making;

    /// <summary>From here on calls are named in that word.</summary>
    public static void Begin(uint* word) => making = word;

    /// <summary>A call that must succeed: otherwise its error number is this process's exit status.</summary>
    public static nint Call(int number, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0)
    {
        nint result = Try(number, a, b, c, d);
        if (result < 0)
            Host.Leave(-(int)result);
        return result;
    }

    /// <summary>A call that may fail.</summary>
    public static nint Try(int number, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0)
    {
        *making = (uint)number;
        return Host.Call(number, a, b, c, d);
    }

    /// <summary>
    /// A system call as guest programs make them. A host without IA-32 emulation answers by a fault, which does no harm (<see cref="Signals"/>); a profile
    /// that ends the process for it would end the guest at its first one.
    /// </summary>
    public static void TryOldSystemCall()
    {
        *making = OldSystemCall;
        Native.OldSystemCall();
    }

    /// <summary>The last call was made.</summary>
    public static void End() => *making = 0;

    /// <summary>A profile answered a call by a signal.</summary>
    public static void Refuse(uint number)
    {
        const int NotPermitted = 1; // EPERM
        *making = number;
        Host.Leave(NotPermitted);
    }
}
