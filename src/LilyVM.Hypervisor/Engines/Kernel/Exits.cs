namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>Returns to the VM process, and writes that are left for it.</summary>
internal static unsafe class Exits
{
    /// <summary>Returns to the VM process; goes on when it runs the guest again.</summary>
    public static void Leave(KernelExit reason)
    {
        RunRecord* record = This.Record;
        Vcpu* cpu = This.Vcpu;
        Exchange.Describe(cpu, &record->Exit);
        record->ExitReason = reason;
        Host.Call(HostService.Exit, 0);
    }

    /// <summary>The guest ended.</summary>
    public static void Shutdown(ShutdownReason reason)
    {
        This.Vcpu->Shutdown = reason;
        Leave(KernelExit.Shutdown);
    }

    /// <summary>The guest ended, as the vCPU says.</summary>
    public static void End(Vcpu* cpu)
    {
        while (true)
            Shutdown(cpu->Shutdown);
    }

    /// <summary>The core asks for what no engine knows.</summary>
    public static void Unexpected(Vcpu* cpu, Outcome outcome)
    {
        while (true)
            Fail(KernelFailure.OwnFault, (uint)outcome, cpu->Ip);
    }

    /// <summary>The hypervisor cannot go on.</summary>
    public static void Fail(KernelFailure failure, uint detail, ulong address, ulong ip = 0)
    {
        RunRecord* record = This.Record;
        record->Failure = failure;
        record->FailureDetail = detail;
        record->FailureAddress = address;
        record->FailureIp = ip;
        Leave(KernelExit.Failed);
    }

    /// <summary>Carries out the vCPU's port access: in the core, as a posted write, or by the VM process.</summary>
    public static void Port(Vcpu* cpu)
    {
        KernelMachine* machine = This.Machine;
        if (CorePorts.Access(&machine->Interrupts, &cpu->Access, Time.Now))
        {
            machine->Attention = machine->LookAtInputs = 1; // an EOI or another timer setting may change what is due
            return;
        }
        bool write = cpu->Access.Kind is AccessKind.PortWrite or AccessKind.PortWriteString;
        if (write && TryPost(&cpu->Access))
            return;
        This.Count(KernelCounter.PortExits);
        Ask(KernelExit.Port, cpu);
    }

    /// <summary>
    /// Carries out the vCPU's access to a guest physical address that is not RAM. Devices want to know of a write at once.
    /// </summary>
    public static void Device(Vcpu* cpu)
    {
        This.Count(KernelCounter.DeviceExits);
        Ask(KernelExit.Device, cpu);
    }

    /// <summary>Whether posted writes wait.</summary>
    public static bool AnyPosted() => PostedWrites.Any(&This.Record->Posted);

    private static void Ask(KernelExit reason, Vcpu* cpu)
    {
        Leave(reason);
        Exchange.TakeAnswer(cpu, &This.Record->Exit);
    }

    private static bool TryPost(Access* access)
    {
        if (!PostedWrites.TryPost(&This.Record->Posted, AccessKind.PortWrite, access))
            return false;
        This.Count(KernelCounter.PostedWrites);
        return true;
    }
}
