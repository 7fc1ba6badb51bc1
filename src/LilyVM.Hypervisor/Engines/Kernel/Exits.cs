using System.Threading;
using LilyVM.Hypervisor.Guest;
using LilyVM.Hypervisor.Interrupts;
using LilyVM.Hypervisor.Shared.Kernel;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>Returns to the VM process, and writes that are left for it.</summary>
internal static unsafe class Exits
{
    /// <summary>Returns to the VM process; goes on when it runs the guest again.</summary>
    public static void Leave(KernelExit reason)
    {
        RunRecord* record = This.Record;
        Vcpu* cpu = This.Vcpu;
        for (int i = 0; i < 8; i++)
            record->General[i] = (&cpu->Ax)[i];
        record->Eip = cpu->Ip;
        record->Eflags = Flags.Get(cpu);
        record->Cs = cpu->Page->Cs & 0xFFFF;
        record->Cr0 = cpu->Cr0;
        record->Cr2 = cpu->Page->Cr2;
        record->Cr3 = cpu->Cr3;
        record->Cr4 = cpu->Cr4;
        if (record->UnknownMsrs.Total != cpu->UnknownMsrs.Total)
            UnknownMsrs.Copy(&cpu->UnknownMsrs, &record->UnknownMsrs);
        record->Exit = reason;
        Host.Call(HostService.Exit, 0);
    }

    /// <summary>The guest ended.</summary>
    public static void Shutdown(ShutdownReason reason)
    {
        This.Record->Shutdown = reason;
        FaultChain.Copy(&This.Vcpu->Faults, &This.Record->Faults);
        Leave(KernelExit.Shutdown);
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
        if (write && TryPost(0, &cpu->Access))
            return;
        This.Count(KernelCounter.PortExits);
        Ask(KernelExit.Port, &cpu->Access);
    }

    /// <summary>Carries out the vCPU's access to a guest physical address that is not RAM. Devices want to know of a write at once.</summary>
    public static void Device(Vcpu* cpu)
    {
        This.Count(KernelCounter.DeviceExits);
        Ask(KernelExit.Device, &cpu->Access);
    }

    /// <summary>Whether posted writes wait.</summary>
    public static bool AnyPosted()
    {
        RunRecord* record = This.Record;
        return record->PostedEnd != Volatile.Read(ref record->PostedBegin);
    }

    private static void Ask(KernelExit reason, Access* access)
    {
        RunRecord* record = This.Record;
        record->AccessKind = access->Kind;
        record->AccessAddress = (uint)access->Address;
        record->AccessWidth = access->Width;
        record->AccessValue = (uint)access->Value;
        Leave(reason);
        access->Value = Volatile.Read(ref record->AccessValue);
    }

    // The indices are the VM process's to write: each is used once, and only as a number within the ring.
    private static bool TryPost(uint kind, Access* access)
    {
        RunRecord* record = This.Record;
        uint count = Volatile.Read(ref record->PostedRangeCount);
        if (count > RunRecord.PostedRangeCapacity)
            return false;
        uint i = 0;
        while (i < count && !(record->PostedRanges[i * 3] == kind && access->Address - record->PostedRanges[i * 3 + 1] < record->PostedRanges[i * 3 + 2]))
            i++;
        uint end = Volatile.Read(ref record->PostedEnd);
        if (i == count || end - Volatile.Read(ref record->PostedBegin) >= RunRecord.PostedCapacity)
            return false;
        uint* entry = record->Posted + (end & (RunRecord.PostedCapacity - 1)) * 4;
        entry[0] = kind;
        entry[1] = (uint)access->Address;
        entry[2] = access->Width;
        entry[3] = (uint)access->Value;
        Volatile.Write(ref record->PostedEnd, end + 1);
        This.Count(KernelCounter.PostedWrites);
        return true;
    }
}
