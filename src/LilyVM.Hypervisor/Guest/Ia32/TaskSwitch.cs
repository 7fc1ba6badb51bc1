using LilyVM.Abi;

namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// Hardware tasks as far as systems still use them: a task gate in the IDT, for double faults, and IRET back (SDM vol. 3, 7.3). Safe: guest
/// memory is reached through the page walk only.
/// </summary>
internal static unsafe class TaskSwitch
{
    // Offsets in a 32-bit TSS (SDM vol. 3, figure 7-2).
    private const uint Link = 0, Cr3 = 28, Eip = 32, StoredFlags = 36, General = 40, Selectors = 72, Ldt = 96, Size = 104;

    /// <summary>Switches to the task of a TSS selector; the old one becomes its link. An error code goes to the new stack.</summary>
    public static bool Enter(Vcpu* cpu, uint selector, bool hasError, uint error, Outcome* outcome)
    {
        Descriptor task;
        if ((selector & 4) != 0 || !Descriptors.Read(cpu, selector, &task, Vectors.GeneralProtection))
            return (selector & 4) == 0 ? false : Descriptors.Refuse(cpu, Vectors.GeneralProtection, selector & 0xFFFC);
        if (task.Is(Descriptor.Segment) || task.Type != Descriptors.AvailableTask)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, selector & 0xFFFC);
        if (!task.Is(Descriptor.Present))
            return Descriptors.Refuse(cpu, Vectors.NotPresent, selector & 0xFFFC);
        if (task.Limit < Size - 1)
            return Descriptors.Refuse(cpu, Vectors.InvalidTss, selector & 0xFFFC);
        uint old = cpu->Page->Tr & 0xFFFF;
        if (!Save(cpu, Flags.Get(cpu)) || !GuestMemory.Write32(cpu, task.Base + Link, AccessFlags.Write, old)
            || !GuestMemory.Write32(cpu, task.Address + 4, AccessFlags.Write, task.High | Descriptor.Busy)
            || !Load(cpu, selector, &task, outcome))
            return false;
        cpu->VirtualFlags |= Flags.NestedTask;
        if (!hasError)
            return true;
        if (!GuestMemory.Write32(cpu, cpu->Sp - 4, AccessFlags.Write, error))
            return false;
        cpu->Sp -= 4;
        return true;
    }

    /// <summary>IRET with NT set: back to the task that the current one was entered from.</summary>
    public static bool Return(Vcpu* cpu, Outcome* outcome)
    {
        uint selector;
        Descriptor task, current;
        if (!GuestMemory.Read32(cpu, cpu->TssBase + Link, AccessFlags.Read, &selector))
            return false;
        selector &= 0xFFFF;
        if ((selector & 4) != 0)
            return Descriptors.Refuse(cpu, Vectors.InvalidTss, selector & 0xFFFC);
        if (!Descriptors.Read(cpu, selector, &task, Vectors.InvalidTss))
            return false;
        if (task.Is(Descriptor.Segment) || task.Type != (Descriptors.AvailableTask | 2)) // busy
            return Descriptors.Refuse(cpu, Vectors.InvalidTss, selector & 0xFFFC);
        if (!task.Is(Descriptor.Present))
            return Descriptors.Refuse(cpu, Vectors.NotPresent, selector & 0xFFFC);
        if (task.Limit < Size - 1)
            return Descriptors.Refuse(cpu, Vectors.InvalidTss, selector & 0xFFFC);
        return Descriptors.Read(cpu, cpu->Page->Tr & 0xFFFF, &current, Vectors.InvalidTss) && Save(cpu, Flags.Get(cpu) & ~Flags.NestedTask)
            && GuestMemory.Write32(cpu, current.Address + 4, AccessFlags.Write, current.High & ~Descriptor.Busy)
            && Load(cpu, selector, &task, outcome);
    }

    private static bool Save(Vcpu* cpu, uint flags)
    {
        uint tss = cpu->TssBase;
        if (cpu->TssLimit < Size - 1)
            return Descriptors.Refuse(cpu, Vectors.InvalidTss, cpu->Page->Tr & 0xFFFC);
        if (!GuestMemory.Write32(cpu, tss + Eip, AccessFlags.Write, cpu->Ip)
            || !GuestMemory.Write32(cpu, tss + StoredFlags, AccessFlags.Write, flags))
            return false;
        for (uint i = 0; i < 8; i++)
        {
            if (!GuestMemory.Write32(cpu, tss + General + i * 4, AccessFlags.Write, (&cpu->Ax)[i]))
                return false;
        }
        for (uint i = 0; i < 6; i++)
        {
            if (!GuestMemory.Write32(cpu, tss + Selectors + i * 4, AccessFlags.Write, *Segments.Word(cpu, i) & 0xFFFF))
                return false;
        }
        return true;
    }

    private static bool Load(Vcpu* cpu, uint selector, Descriptor* task, Outcome* outcome)
    {
        uint tss = task->Base, flags, cr3, ldt;
        VcpuPage* page = cpu->Page;
        if (!GuestMemory.Read32(cpu, tss + Eip, AccessFlags.Read, &cpu->Ip)
            || !GuestMemory.Read32(cpu, tss + StoredFlags, AccessFlags.Read, &flags)
            || !GuestMemory.Read32(cpu, tss + Cr3, AccessFlags.Read, &cr3) || !GuestMemory.Read32(cpu, tss + Ldt, AccessFlags.Read, &ldt))
            return false;
        for (uint i = 0; i < 8; i++)
        {
            if (!GuestMemory.Read32(cpu, tss + General + i * 4, AccessFlags.Read, &cpu->Ax + i))
                return false;
        }
        for (uint i = 0; i < 6; i++)
        {
            uint word;
            if (!GuestMemory.Read32(cpu, tss + Selectors + i * 4, AccessFlags.Read, &word))
                return false;
            *Segments.Word(cpu, i) = word & 0xFFFF;
        }
        page->Tr = selector;
        cpu->TssBase = tss;
        cpu->TssLimit = task->Limit;
        cpu->SegmentsChanged = Segments.All;
        cpu->Cpl = page->Cs & 3;
        Flags.Set(cpu, flags, 0);
        cpu->Cr0 |= ControlBits.TaskSwitched;
        page->Cr0 = cpu->Cr0;
        if ((cpu->Cr0 & ControlBits.Paging) != 0)
        {
            cpu->Cr3 = page->Cr3 = cr3;
            GuestMemory.Flush(cpu);
            *outcome = Outcome.AddressSpace;
        }
        if (Segments.LoadLdt(cpu, ldt))
            return true;
        if (cpu->Fault.Vector != Vectors.PageFault)
            cpu->Fault.Vector = Vectors.InvalidTss; // whatever is wrong with it (SDM vol. 3, table 7-1)
        return false;
    }
}
