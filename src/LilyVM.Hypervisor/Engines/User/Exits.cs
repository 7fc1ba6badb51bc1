using System.Threading;
using LilyVM.Hypervisor.Guest;
using LilyVM.Hypervisor.Interrupts;
using LilyVM.Hypervisor.Shared.User;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>Asking the VM process, and leaving writes for it.</summary>
internal static unsafe class Exits
{
    /// <summary>Stops the guest until the VM process has answered.</summary>
    public static void Ask(StubExit reason)
    {
        Machine* machine = This.Machine;
        machine->ExitReason = reason;
        Volatile.Write(ref machine->ExitPending, 1);
        Ring(machine);
        while (Volatile.Read(ref machine->ExitPending) != 0)
            Host.Wait(&machine->ExitPending, 1);
    }

    /// <summary>Carries out the vCPU's port access: in the core, as a posted write, or by the VM process.</summary>
    public static void Port()
    {
        Machine* machine = This.Machine;
        Access* access = &machine->Vcpu.Access;
        if (CorePorts.Access(&machine->Interrupts, access, Time.Now))
        {
            *This.Attention = 1; // an EOI or another timer setting may change what is due
            return;
        }
        bool write = access->Kind is AccessKind.PortWrite or AccessKind.PortWriteString;
        if (write && TryPost(machine, 0, access))
            return;
        This.Count(Counter.PortExits);
        Ask(StubExit.Port);
    }

    /// <summary>Carries out the vCPU's access to a guest physical address that is not RAM.</summary>
    public static void Device()
    {
        Machine* machine = This.Machine;
        Access* access = &machine->Vcpu.Access;
        if (access->Kind == AccessKind.DeviceWrite && TryPost(machine, 1, access))
            return;
        This.Count(Counter.DeviceExits);
        Ask(StubExit.Device);
    }

    /// <summary>Asks the VM process to signal the holder of the baton; the filter lets stubs signal nobody.</summary>
    public static void PassKickOn(Machine* machine)
    {
        Volatile.Write(ref machine->KickRequested, 1);
        Ring(machine);
    }

    private static bool TryPost(Machine* machine, uint kind, Access* access)
    {
        uint* range = machine->PostedRanges, end = range + machine->PostedRangeCount * 3;
        for (; range < end; range += 3)
        {
            if (range[0] == kind && access->Address - range[1] < range[2])
                break;
        }
        if (range == end || machine->PostedEnd - Volatile.Read(ref machine->PostedBegin) == Machine.PostedCapacity)
            return false;
        uint* entry = machine->Posted + (machine->PostedEnd & (Machine.PostedCapacity - 1)) * 4;
        entry[0] = kind;
        entry[1] = (uint)access->Address;
        entry[2] = access->Width;
        entry[3] = (uint)access->Value;
        Volatile.Write(ref machine->PostedEnd, machine->PostedEnd + 1);
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
