using LilyVM.Boot;
using LilyVM.Engines;

namespace LilyVM;

/// <summary>The life of the vCPU.</summary>
public sealed partial class VirtualMachine
{
    private (MachineEnd End, int Status)? end; // set on the vCPU thread by devices that end the machine

    /// <summary>Runs the guest, does what it asks for, until something ends the machine.</summary>
    private (MachineEnd End, int Status, string? Why) RunLoop()
    {
        Exit exit = default;
        while (true)
        {
            engine.Run(ref exit);
            switch (exit.Reason)
            {
                case ExitReason.PortRead:
                    exit.Value = devices.Ports.Read(exit.Address, exit.Width);
                    break;
                case ExitReason.PortWrite:
                    devices.Ports.Write(exit.Address, exit.Width, exit.Value);
                    break;
                case ExitReason.MemoryRead:
                    exit.Value = devices.Memory.Read(exit.Address, exit.Width);
                    break;
                case ExitReason.MemoryWrite:
                    devices.Memory.Write(exit.Address, exit.Width, exit.Value);
                    break;
                case ExitReason.Stopped:
                    WaitWhilePaused();
                    break;
                case ExitReason.Reset:
                    return (ResetFlag.Judge(engine.Ram), 0, null);
                case ExitReason.Halted:
                    return (JudgeHalt(), 0, null);
                case ExitReason.Failure:
                    return (MachineEnd.Failure, 0, exit.Message);
            }
            if (end is { } asked)
                return (asked.End, asked.Status, null);
            if (stopRequested)
                return (MachineEnd.Stopped, 0, null);
        }
    }

    private void WaitWhilePaused()
    {
        lock (gate)
        {
            while (isPaused && !stopRequested)
            {
                isParked = true;
                Monitor.PulseAll(gate);
                Monitor.Wait(gate);
            }
            isParked = false;
        }
    }

    private void MarkEnded()
    {
        lock (gate)
        {
            hasEnded = true;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>For devices: ends the machine after the access that the guest is making.</summary>
    private void EndWith(MachineEnd how, int status) => end = (how == MachineEnd.Restart ? JudgeReset() : how, status);

    // A reset through a port is on purpose, even by a kernel that does not write the reset flag.
    private MachineEnd JudgeReset() => ResetFlag.Judge(engine.Ram) == MachineEnd.Panic ? MachineEnd.Panic : MachineEnd.Restart;

    // A kernel that powers off has nothing left to do here, and one that panics without being told to restart halts too.
    private MachineEnd JudgeHalt() => ResetFlag.Judge(engine.Ram) == MachineEnd.Panic ? MachineEnd.Panic : MachineEnd.Restart;

    private void RunThread(TaskCompletionSource<MachineResult> completion, CancellationToken cancellation)
    {
        try
        {
            using CancellationTokenRegistration registration = cancellation.Register(Stop);
            WaitWhilePaused();
            (MachineEnd how, int status, string? why) = stopRequested ? (MachineEnd.Stopped, 0, null) : RunLoop();
            devices.Flush();
            MarkEnded();
            completion.SetResult(MachineResult.Of(how, status, why, engine.ReadCounters()) with { DeviceFaults = devices.Faults });
        }
        catch (Exception e)
        {
            MarkEnded();
            completion.SetException(e); // whoever awaits the run gets it
        }
    }
}
