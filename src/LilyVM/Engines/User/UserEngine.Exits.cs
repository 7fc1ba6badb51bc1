using LilyVM.Engines.Common;
using LilyVM.Hypervisor.Shared;
using LilyVM.Hypervisor.Shared.User;

namespace LilyVM.Engines.User;

/// <content>Running: posted writes, exits, and what other threads ask of a running guest.</content>
internal sealed unsafe partial class UserEngine
{
    private readonly StopClock stopClock = new(TimeProvider.System);
    private string? failure;

    /// <inheritdoc/>
    public void Run(ref Exit exit)
    {
        Answer(exit.Value);
        if (template is null)
            Start();
        stopClock.Begin();
        while (true)
        {
            uint seen = Volatile.Read(ref machine->Doorbell);
            if (Interlocked.Exchange(ref machine->KickRequested, 0) != 0)
                Kick();
            if (EngineExchange.TakePosted(&machine->Posted, ref exit) || TakeExit(ref exit) || TakeEnd(ref exit))
                return;
            TimeSpan left = stopClock.Left();
            if (left == TimeSpan.Zero)
                Abandon();
            Volatile.Write(ref machine->VmProcessWaits, 1);
            Interlocked.MemoryBarrier(); // a stub rings first and looks at VmProcessWaits then
            HostCalls.Wait(&machine->Doorbell, seen, left);
            Volatile.Write(ref machine->VmProcessWaits, 0);
        }
    }

    /// <inheritdoc/>
    public void SetInterruptLine(int line, bool level)
    {
        if (InterruptLines.Set(ref machine->Lines, line, level))
            Kick();
    }

    /// <inheritdoc/>
    public void Stop()
    {
        Volatile.Write(ref machine->StopRequested, 1);
        Interlocked.Or(ref machine->Lines.Rises, InterruptLines.LookAgain);
        stopClock.Ask();
        Kick();
        Ring(); // whoever waits does not wait for ever any more
    }

    // The watcher rings when the first one is gone.
    private void Abandon()
    {
        failure ??= $"{guest.Trespass} and did not answer when it was to stop, for which it was ended; or this is a bug in LilyVM.";
        template!.Kill();
    }

    // From the thread that runs the machine: the stubs die with it.
    private void Start()
    {
        template = new StubProcess(guest.Stub, ramFile, machineFile, eventFiles, Ring);
        machine->TemplateProcess = (uint)template.Id;
        balancer = new CpuBalancer(machine, template);
    }

    // Makes the stub that runs the guest look at what changed, unless it is about to do so by itself.
    private void Kick()
    {
        if (Interlocked.Exchange(ref machine->Halted, 0) != 0)
        {
            HostCalls.Wake(&machine->Halted);
            return;
        }
        uint process = Volatile.Read(ref machine->HolderProcess);
        if (Volatile.Read(ref machine->ExitPending) == 0 && process != 0 && template?.Owns(process) == true)
            HostCalls.Signal(process, HostCalls.KickSignal);
    }

    private void Ring()
    {
        Interlocked.Increment(ref machine->Doorbell);
        HostCalls.Wake(&machine->Doorbell);
    }

    private void Answer(ulong value)
    {
        if (!exitTaken)
            return;
        exitTaken = false;
        machine->Exit.Access.Value = value;
        Volatile.Write(ref machine->ExitPending, 0);
        HostCalls.Wake(&machine->ExitPending);
    }

    private bool TakeExit(ref Exit exit)
    {
        if (Volatile.Read(ref machine->ExitPending) == 0)
            return false;
        exitTaken = machine->ExitReason is StubExit.Port or StubExit.Device or StubExit.Stopped;
        switch (machine->ExitReason)
        {
            case StubExit.Port or StubExit.Device:
                EngineExchange.TakeAccess(&machine->Exit.Access, ref exit);
                return true;
            case StubExit.Stopped:
                machine->StopRequested = 0;
                stopClock.Answered();
                exit.Reason = ExitReason.Stopped;
                return true;
            case StubExit.Shutdown when EngineExchange.TakeShutdown(&machine->Exit, ref exit):
                return true;
            default:
                failure = Failures.Describe(machine, guest);
                return TakeEnd(ref exit);
        }
    }

    private bool TakeEnd(ref Exit exit)
    {
        bool guestHasRun = Failures.HasRun(machine);
        if (template!.FirstEnd is { } end)
            failure ??= end.Describe(machine, guest, guestHasRun);
        if (failure is null)
            return false;
        if (!guestHasRun)
            // not the guest's fault
            throw failure == HostNeeds.Segments ? new HostWithoutSegmentsException() : new LilyVMException(failure);
        exit.Reason = ExitReason.Failure;
        exit.Message = failure;
        return true;
    }
}
