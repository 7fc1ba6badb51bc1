using System.Threading;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>Asking the VM process, and leaving writes for it. Safe: the record lies in memory that every stub has mapped.</summary>
internal static unsafe class Exits
{
    /// <summary>Stops the guest until the VM process has answered.</summary>
    public static void Ask(StubExit reason)
    {
        Machine* machine = This.Machine;
        Vcpu* cpu = This.Vcpu;
        machine->ExitReason = reason;
        Exchange.Describe(cpu, &machine->Exit);
        Volatile.Write(ref machine->ExitPending, 1);
        Ring(machine);
        while (Volatile.Read(ref machine->ExitPending) != 0)
            Host.Wait(&machine->ExitPending, 1);
        Exchange.TakeAnswer(cpu, &machine->Exit);
    }

    /// <summary>Carries out the vCPU's port access: in the core, as a posted write, or by the VM process.</summary>
    public static void Port(Vcpu* cpu)
    {
        Machine* machine = This.Machine;
        Access* access = &cpu->Access;
        if (CorePorts.Access(&machine->Interrupts, access, Time.Now))
        {
            *This.Attention = 1; // an EOI or another timer setting may change what is due
            return;
        }
        bool write = access->Kind is AccessKind.PortWrite or AccessKind.PortWriteString;
        if (write && TryPost(machine, AccessKind.PortWrite, access))
            return;
        This.Count(Counter.PortExits);
        Ask(StubExit.Port);
    }

    /// <summary>Carries out the vCPU's access to a guest physical address that is not RAM.</summary>
    public static void Device(Vcpu* cpu)
    {
        Machine* machine = This.Machine;
        Access* access = &cpu->Access;
        if (access->Kind == AccessKind.DeviceWrite && (TrySignal(machine, access) || TryPost(machine, AccessKind.DeviceWrite, access)))
            return;
        This.Count(Counter.DeviceExits);
        Ask(StubExit.Device);
    }

    /// <summary>The guest ended.</summary>
    public static void End(Vcpu* cpu)
    {
        while (true)
            Ask(StubExit.Shutdown);
    }

    /// <summary>The core asks for what no engine knows.</summary>
    public static void Unexpected(Vcpu* cpu, Outcome outcome) => Failure.Report(FailureCode.UnexpectedSignal, cpu->Ip, (ulong)outcome);

    /// <summary>Asks the VM process to signal the holder of the baton; the filter lets stubs signal nobody.</summary>
    public static void PassKickOn(Machine* machine)
    {
        Volatile.Write(ref machine->KickRequested, 1);
        Ring(machine);
    }

    private static bool TrySignal(Machine* machine, Access* access)
    {
        uint file = EventWrites.Find(&machine->Events, access);
        if (file == EventWrites.None)
            return false;
        This.Count(Counter.Signals);
        Host.Signal(file);
        return true;
    }

    private static bool TryPost(Machine* machine, AccessKind kind, Access* access)
    {
        if (!PostedWrites.TryPost(&machine->Posted, kind, access))
            return false;
        This.Count(Counter.PostedWrites);
        Ring(machine);
        return true;
    }

    private static void Ring(Machine* machine)
    {
        Interlocked.Increment(ref machine->Doorbell); // also a full fence before the next read
        if (Volatile.Read(ref machine->VmProcessWaits) != 0)
            Host.Wake(&machine->Doorbell);
    }
}
