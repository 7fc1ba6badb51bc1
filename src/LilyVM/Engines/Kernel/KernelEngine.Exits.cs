using LilyVM.Engines.Common;
using LilyVM.Hypervisor.Shared;
using LilyVM.Hypervisor.Shared.Kernel;

namespace LilyVM.Engines.Kernel;

/// <content>Running: posted writes, exits, and what other threads ask of a running guest.</content>
internal sealed unsafe partial class KernelEngine
{
    private bool stopped, answerDue;

    /// <inheritdoc/>
    public void Run(ref Exit exit)
    {
        if (answerDue)
            record->Exit.Access.Value = exit.Value; // not that of a posted write, which the access may have to wait for
        answerDue = false;
        while (true)
        {
            if (EngineExchange.TakePosted(&record->Posted, ref exit))
                return;
            if (stopped)
            {
                stopped = false;
                answerDue = TakeExit(ref exit);
                if (answerDue)
                    return;
            }
            stopped = host.Run(out string? problem);
            if (problem is not null)
            {
                exit.Reason = ExitReason.Failure;
                exit.Message = problem;
                return;
            }
        }
    }

    /// <inheritdoc/>
    public void SetInterruptLine(int line, bool level)
    {
        if (InterruptLines.Set(ref record->Lines, line, level))
            host.Kick();
    }

    /// <inheritdoc/>
    public void Stop()
    {
        Volatile.Write(ref record->StopRequested, 1);
        host.Kick();
    }

    // False if the guest is only to go on.
    private bool TakeExit(ref Exit exit)
    {
        switch (record->ExitReason)
        {
            case KernelExit.None or KernelExit.Posted:
                return false;
            case KernelExit.Port or KernelExit.Device:
                EngineExchange.TakeAccess(&record->Exit.Access, ref exit);
                return true;
            case KernelExit.Stopped:
                record->StopRequested = 0;
                exit.Reason = ExitReason.Stopped;
                return true;
            case KernelExit.Shutdown when EngineExchange.TakeShutdown(&record->Exit, ref exit):
                return true;
            default:
                exit.Reason = ExitReason.Failure;
                exit.Message = KernelFailures.Describe(record);
                return true;
        }
    }
}
