using LilyVM.Engines;

namespace LilyVM;

/// <summary>How the life of a virtual machine ended.</summary>
public enum MachineEnd
{
    /// <summary>The guest restarted or powered off, as an orderly end.</summary>
    Restart,

    /// <summary>The guest wrote an exit status to the test device, port 0xF4.</summary>
    TestExit,

    /// <summary>The host ended it: <see cref="VirtualMachine.Stop"/> or a cancelled run.</summary>
    Stopped,

    /// <summary>The guest's kernel panicked.</summary>
    Panic,

    /// <summary>The guest crashed by a triple fault.</summary>
    TripleFault,

    /// <summary>The guest did what it cannot be given; <see cref="MachineResult.Message"/> says what.</summary>
    Failure,
}

/// <summary>The end of a virtual machine.</summary>
/// <param name="End">How it ended.</param>
/// <param name="ExitStatus">0 after an orderly end, the guest's own after <see cref="MachineEnd.TestExit"/>, else <see cref="FailureStatus"/>.</param>
/// <param name="Message">One sentence for the user if the end was not orderly.</param>
/// <param name="Counters">What the engine counted.</param>
public sealed record MachineResult(MachineEnd End, int ExitStatus, string? Message, IReadOnlyList<Counter> Counters)
{
    /// <summary>Exit status of a machine whose guest crashed; scripts tell it from their own, as with timeout(1) and containers.</summary>
    public const int FailureStatus = 125;

    /// <summary>Exit status of a machine that the host ended, as a shell shows SIGINT.</summary>
    public const int StoppedStatus = 130;

    /// <summary>What drivers of the guest did wrong to their devices, a sentence for each device; orderly drivers do nothing wrong.</summary>
    public IReadOnlyList<string> DeviceFaults { get; init; } = [];

    internal static MachineResult Of(MachineEnd end, int testStatus, string? failure, IReadOnlyList<Counter> counters) => end switch
    {
        MachineEnd.Restart => new(end, 0, null, counters),
        MachineEnd.TestExit => new(end, testStatus, null, counters),
        MachineEnd.Stopped => new(end, StoppedStatus, null, counters),
        MachineEnd.Panic => new(end, FailureStatus, "The guest's kernel panicked; its last messages on the console say why.", counters),
        MachineEnd.TripleFault => new(
            end, FailureStatus, "The guest crashed: a fault in its fault handlers (triple fault); its last messages on the console may say why.", counters),
        _ => new(end, FailureStatus, failure, counters),
    };
}
