using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Shared.User;

namespace LilyVM.Engines.User;

/// <content>Running: posted writes, exits, and what other threads ask of a running guest.</content>
internal sealed unsafe partial class UserEngine
{
    private string? failure;

    /// <inheritdoc/>
    public void Run(ref Exit exit)
    {
        Answer(exit.Value);
        if (template is null)
            Start();
        while (true)
        {
            uint seen = Volatile.Read(ref machine->Doorbell);
            if (Interlocked.Exchange(ref machine->KickRequested, 0) != 0)
                Kick();
            if (TakePosted(ref exit) || TakeExit(ref exit) || TakeEnd(ref exit))
                return;
            Volatile.Write(ref machine->VmProcessWaits, 1);
            Interlocked.MemoryBarrier(); // a stub rings first and looks at VmProcessWaits then
            HostCalls.Wait(&machine->Doorbell, seen);
            Volatile.Write(ref machine->VmProcessWaits, 0);
        }
    }

    /// <inheritdoc/>
    public void SetInterruptLine(int line, bool level)
    {
        uint bit = 1u << line;
        if (!level)
        {
            Interlocked.And(ref machine->InterruptLevels, ~bit);
            return;
        }
        if ((Interlocked.Or(ref machine->InterruptLevels, bit) & bit) != 0)
            return;
        Interlocked.Or(ref machine->InterruptRises, bit);
        Kick();
    }

    /// <inheritdoc/>
    public void Stop()
    {
        Volatile.Write(ref machine->StopRequested, 1);
        Interlocked.Or(ref machine->InterruptRises, Machine.LookAgain);
        Kick();
    }

    // From the thread that runs the machine: the stubs die with it.
    private void Start()
    {
        template = new StubProcess(ramFile, machineFile, Ring);
        machine->TemplateProcess = (uint)template.Id;
        balancer = new CpuBalancer(machine);
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
        if (Volatile.Read(ref machine->ExitPending) == 0 && process != 0)
            HostCalls.Signal(process, HostCalls.KickSignal);
    }

    private void Ring()
    {
        Interlocked.Increment(ref machine->Doorbell);
        HostCalls.Wake(&machine->Doorbell);
    }

    private void Answer(uint value)
    {
        if (!exitTaken)
            return;
        exitTaken = false;
        machine->Vcpu.Access.Value = value;
        Volatile.Write(ref machine->ExitPending, 0);
        HostCalls.Wake(&machine->ExitPending);
    }

    private bool TakePosted(ref Exit exit)
    {
        uint begin = machine->PostedBegin;
        if (begin == Volatile.Read(ref machine->PostedEnd))
            return false;
        uint* entry = machine->Posted + (begin & (Machine.PostedCapacity - 1)) * 4;
        exit.Reason = entry[0] == 0 ? ExitReason.PortWrite : ExitReason.MemoryWrite;
        exit.Address = entry[1];
        exit.Width = (int)entry[2];
        exit.Value = entry[3];
        Volatile.Write(ref machine->PostedBegin, begin + 1);
        return true;
    }

    private bool TakeExit(ref Exit exit)
    {
        if (Volatile.Read(ref machine->ExitPending) == 0)
            return false;
        Access* access = &machine->Vcpu.Access;
        exitTaken = true;
        exit.Address = (uint)access->Address;
        exit.Width = (int)access->Width;
        exit.Value = (uint)access->Value;
        switch (machine->ExitReason)
        {
            case StubExit.Port:
                exit.Reason = access->Kind is AccessKind.PortRead or AccessKind.PortReadString ? ExitReason.PortRead : ExitReason.PortWrite;
                break;
            case StubExit.Device:
                exit.Reason = access->Kind == AccessKind.DeviceRead ? ExitReason.MemoryRead : ExitReason.MemoryWrite;
                break;
            case StubExit.Stopped:
                machine->StopRequested = 0;
                exit.Reason = ExitReason.Stopped;
                break;
            case StubExit.Shutdown when machine->Vcpu.Shutdown == ShutdownReason.TripleFault:
                exit.Reason = ExitReason.Reset;
                exit.TripleFault = TripleFault.Of(Page->Cs, machine->Vcpu.Ip, &machine->Vcpu.Faults, Page->Cr2);
                exitTaken = false;
                break;
            case StubExit.Shutdown when machine->Vcpu.Shutdown == ShutdownReason.HaltedForEver:
                exit.Reason = ExitReason.Halted;
                exitTaken = false;
                break;
            default:
                exitTaken = false;
                failure = Failures.Describe(machine);
                return TakeEnd(ref exit);
        }
        return true;
    }

    private bool TakeEnd(ref Exit exit)
    {
        bool guestHasRun = Failures.HasRun(machine);
        if (template!.FirstEnd is { } end)
            failure ??= end.Describe(machine, guestHasRun);
        if (failure is null)
            return false;
        if (!guestHasRun)
            throw failure == HostNeeds.Segments ? new HostWithoutSegmentsException() : new LilyVMException(failure); // not the guest's fault
        exit.Reason = ExitReason.Failure;
        exit.Message = failure;
        return true;
    }
}
