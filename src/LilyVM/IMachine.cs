using LilyVM.Engines;

namespace LilyVM;

/// <summary>A machine that runs a guest once. All members may be called from any thread.</summary>
public interface IMachine : IDisposable
{
    /// <summary>Whether <see cref="Pause"/> holds the guest.</summary>
    bool IsPaused { get; }

    /// <summary>Runs the guest to its end. Cancelling ends the machine, with <see cref="MachineEnd.Stopped"/> as its result.</summary>
    /// <exception cref="LilyVMException">The host refuses what the machine needs; the guest has not run.</exception>
    Task<MachineResult> RunAsync(CancellationToken cancellation = default);

    /// <summary>Ends the machine as if it lost power.</summary>
    void Stop();

    /// <summary>Holds the guest and waits until it stands still. Registers may be read then.</summary>
    void Pause();

    /// <summary>Lets a paused guest go on.</summary>
    void Resume();

    /// <summary>What was counted so far; nothing if nothing counts.</summary>
    IReadOnlyList<Counter> ReadCounters();

    /// <summary>The guest's registers, right while it is paused.</summary>
    Registers ReadRegisters();
}
