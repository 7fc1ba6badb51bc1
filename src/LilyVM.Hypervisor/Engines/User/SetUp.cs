namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// The system calls that a stub makes before the guest runs. A seccomp profile of the host may refuse any of them, or end who makes it, so
/// each is first named in shared memory, where the VM process finds it when this process has ended. Safe: what it writes lies in memory
/// that every stub has mapped.
/// </summary>
internal static unsafe class SetUp
{
    private static StubCall* making;

    /// <summary>From here on calls are named in that word.</summary>
    public static void Begin(StubCall* word) => making = word;

    /// <summary>A call that must succeed: otherwise its error number is this process's exit status.</summary>
    public static nint Call(StubCall call, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0)
    {
        nint result = Try(call, a, b, c, d);
        if (result < 0)
            Host.Leave(-(int)result);
        return result;
    }

    /// <summary>A call that may fail.</summary>
    public static nint Try(StubCall call, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0)
    {
        *making = call;
        return Host.Call((int)call, a, b, c, d);
    }

    /// <summary>A call that is made by other means is named.</summary>
    public static void Name(StubCall call) => *making = call;

    /// <summary>Something that must be true, named like a call.</summary>
    public static void Require(StubCall what, bool isTrue)
    {
        *making = what;
        if (!isTrue)
            Host.Leave(1);
    }

    /// <summary>The last call was made.</summary>
    public static void End() => *making = StubCall.None;

    /// <summary>A profile answered a call by a signal.</summary>
    public static void Refuse(StubCall call)
    {
        *making = call;
        Host.Leave(StubSlot.Signalled);
    }
}
