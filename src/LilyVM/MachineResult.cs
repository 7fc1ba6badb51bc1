using LilyVM.Engines;

namespace LilyVM;

/// <summary>How the life of a virtual machine ended.</summary>
public enum MachineEnd
{
    /// <summary>The guest restarted: it asked one of a PC's reset ports for it (0x64, 0x92, 0xCF9). An orderly end.</summary>
    Restart,

    /// <summary>The guest powered off (port 0x604), or halted with interrupts off, so that nothing can wake it. An orderly end.</summary>
    PowerOff,

    /// <summary>The guest wrote an exit status to the test device, port 0xF4.</summary>
    TestExit,

    /// <summary>The host ended it: <see cref="VirtualMachine.Stop"/> or a cancelled run.</summary>
    Stopped,

    /// <summary>The guest's kernel panicked: it said so to the panic device, port 0x505, or in Linux's way.</summary>
    Panic,

    /// <summary>The guest crashed by a triple fault.</summary>
    TripleFault,

    /// <summary>The guest did what it cannot be given; <see cref="MachineResult.Message"/> says what.</summary>
    Failure,
}

/// <summary>The end of a virtual machine.</summary>
/// <param name="End">How it ended.</param>
/// <param name="ExitStatus">
/// 0 after an orderly end, the guest's own after <see cref="MachineEnd.TestExit"/>, else <see cref="FailureStatus"/>.
/// </param>
/// <param name="Message">One sentence for the user if the end was not orderly.</param>
/// <param name="Counters">What the engine counted.</param>
public sealed record MachineResult(MachineEnd End, int ExitStatus, string? Message, IReadOnlyList<Counter> Counters)
{
    /// <summary>Exit status of a machine whose guest crashed; scripts tell it from their own, as with timeout(1) and containers.</summary>
    public const int FailureStatus = 125;

    /// <summary>Exit status of a machine that the host ended, as a shell shows SIGINT.</summary>
    public const int StoppedStatus = 130;

    /// <summary>
    /// What drivers of the guest did wrong to their devices, a sentence for each device; orderly drivers do nothing wrong.
    /// </summary>
    public IReadOnlyList<string> DeviceFaults { get; init; } = [];

    /// <summary>With <see cref="MachineEnd.TripleFault"/>: where and how, if the engine knows.</summary>
    public TripleFault? TripleFault { get; init; }

    /// <summary>Whether the guest ended as its kernel meant to.</summary>
    public bool IsOrderly => End is MachineEnd.Restart or MachineEnd.PowerOff;

    internal static MachineResult Of(MachineEnd end, int testStatus, string? failure, TripleFault? fault,
        IReadOnlyList<Counter> counters) => end switch
        {
            MachineEnd.Restart or MachineEnd.PowerOff => new(end, 0, null, counters),
            MachineEnd.TestExit => new(end, testStatus, null, counters),
            MachineEnd.Stopped => new(end, StoppedStatus, null, counters),
            MachineEnd.Panic => new(end, FailureStatus, "The guest's kernel panicked; its last messages on the console say why.", counters),
            MachineEnd.TripleFault => new(end, FailureStatus, Crash(fault), counters) { TripleFault = fault },
            _ => new(end, FailureStatus, failure, counters),
        };

    private static string Crash(TripleFault? fault) =>
        $"The guest crashed: a fault in its fault handlers (triple fault){(fault is null ? "" : $" at {fault}")}; its last messages on " +
        "the console may say why.";
}
