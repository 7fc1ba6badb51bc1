using LilyVM.Hypervisor;
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
            record->AccessValue = exit.Value; // not that of a posted write, which the access may have to wait for
        answerDue = false;
        while (true)
        {
            if (TakePosted(ref exit))
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
        uint bit = 1u << line;
        if (!level)
        {
            Interlocked.And(ref record->InterruptLevels, ~bit);
            return;
        }
        if ((Interlocked.Or(ref record->InterruptLevels, bit) & bit) != 0)
            return;
        Interlocked.Or(ref record->InterruptRises, bit);
        host.Kick();
    }

    /// <inheritdoc/>
    public void Stop()
    {
        Volatile.Write(ref record->StopRequested, 1);
        host.Kick();
    }

    // The hypervisor counts entries up; this side takes them out.
    private bool TakePosted(ref Exit exit)
    {
        uint begin = record->PostedBegin;
        if (begin == Volatile.Read(ref record->PostedEnd))
            return false;
        uint* entry = record->Posted + (begin & (RunRecord.PostedCapacity - 1)) * 4;
        exit.Reason = entry[0] == 0 ? ExitReason.PortWrite : ExitReason.MemoryWrite;
        exit.Address = entry[1];
        exit.Width = (int)entry[2];
        exit.Value = entry[3];
        Volatile.Write(ref record->PostedBegin, begin + 1);
        return true;
    }

    // False if the guest is only to go on.
    private bool TakeExit(ref Exit exit)
    {
        exit.Address = record->AccessAddress;
        exit.Width = (int)record->AccessWidth;
        exit.Value = record->AccessValue;
        switch (record->Exit)
        {
            case KernelExit.Port:
                bool reads = record->AccessKind is AccessKind.PortRead or AccessKind.PortReadString;
                exit.Reason = reads ? ExitReason.PortRead : ExitReason.PortWrite;
                return true;
            case KernelExit.Device:
                exit.Reason = record->AccessKind == AccessKind.DeviceRead ? ExitReason.MemoryRead : ExitReason.MemoryWrite;
                return true;
            case KernelExit.Posted:
                return false;
            case KernelExit.Stopped:
                record->StopRequested = 0;
                exit.Reason = ExitReason.Stopped;
                return true;
            case KernelExit.Shutdown when record->Shutdown == ShutdownReason.TripleFault:
                exit.Reason = ExitReason.Reset;
                exit.TripleFault = TripleFault.Of(record->Cs, record->Eip, &record->Faults, record->Cr2);
                return true;
            case KernelExit.Shutdown when record->Shutdown == ShutdownReason.HaltedForEver:
                exit.Reason = ExitReason.Halted;
                return true;
            default:
                exit.Reason = ExitReason.Failure;
                exit.Message = KernelFailures.Describe(record);
                return true;
        }
    }
}
