using LilyVM.Abi;

namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// Loads of segment registers, LDTR and TR with the checks of SDM vol. 2, MOV, LLDT and LTR. A register is a word of the vCPU page; what
/// its descriptor says is read when it matters. Safe: works on the engine's own state and the vCPU page.
/// </summary>
internal static unsafe class Segments
{
    /// <summary>Numbers (SDM vol. 2, table 3-1).</summary>
    public const uint Es = 0, Cs = 1, Ss = 2, Ds = 3, Fs = 4, Gs = 5;

    /// <summary>In <see cref="Vcpu.SegmentsChanged"/>: all registers, as after a task switch.</summary>
    public const uint All = 0x3F;

    /// <summary>In <see cref="Vcpu.SegmentsChanged"/>: the engine is to load the real ones again, though the guest loaded none.</summary>
    public const uint Again = 0x40;

    /// <summary>The word of a segment register.</summary>
    public static uint* Word(Vcpu* cpu, uint number) => &cpu->Page->Es + number;

    /// <summary>Loads DS, ES, FS, GS or SS.</summary>
    public static bool Load(Vcpu* cpu, uint number, uint selector)
    {
        selector = Descriptors.OwnSelector(cpu, selector & 0xFFFF);
        bool isNull = (selector & 0xFFFC) == 0;
        if (number == Ss ? !CheckStack(cpu, selector, cpu->Cpl, Vectors.GeneralProtection) : !isNull && !CheckData(cpu, selector))
            return false;
        *Word(cpu, number) = selector;
        cpu->SegmentsChanged |= 1u << (int)number;
        return true;
    }

    /// <summary>
    /// What SS may hold at a privilege level; faults with <paramref name="vector"/> (#TS while a TSS supplies it), or #SS if not present.
    /// </summary>
    public static bool CheckStack(Vcpu* cpu, uint selector, uint level, uint vector)
    {
        Descriptor descriptor;
        if ((selector & 0xFFFC) == 0)
            return Descriptors.Refuse(cpu, vector, 0);
        if (!Descriptors.Read(cpu, selector, &descriptor, vector))
            return false;
        const uint Kind = Descriptor.Segment | Descriptor.Code | Descriptor.ReadableOrWritable;
        if ((selector & 3) != level || descriptor.Level != level
            || (descriptor.High & Kind) != (Descriptor.Segment | Descriptor.ReadableOrWritable))
            return Descriptors.Refuse(cpu, vector, selector & 0xFFFC);
        if (!descriptor.Is(Descriptor.Present))
            return Descriptors.Refuse(cpu, Vectors.Stack, selector & 0xFFFC);
        return Descriptors.MarkAccessed(cpu, &descriptor);
    }

    /// <summary>LLDT.</summary>
    public static bool LoadLdt(Vcpu* cpu, uint selector)
    {
        selector &= 0xFFFF;
        Descriptor descriptor;
        if ((selector & 0xFFFC) == 0)
        {
            cpu->LdtBase = cpu->LdtLimit = 0;
            cpu->Page->Ldtr = selector;
            return true;
        }
        if (!Descriptors.ReadSystem(cpu, selector, Descriptors.LdtType, &descriptor))
            return false;
        cpu->LdtBase = descriptor.Base;
        cpu->LdtLimit = descriptor.Limit;
        cpu->Page->Ldtr = selector;
        return true;
    }

    /// <summary>LTR, which marks the descriptor busy.</summary>
    public static bool LoadTask(Vcpu* cpu, uint selector)
    {
        selector &= 0xFFFF;
        Descriptor descriptor;
        if ((selector & 0xFFFC) == 0)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, 0);
        if (!Descriptors.ReadSystem(cpu, selector, Descriptors.AvailableTask, &descriptor)
            || !GuestMemory.Write32(cpu, descriptor.Address + 4, AccessFlags.Write, descriptor.High | Descriptor.Busy))
            return false;
        cpu->TssBase = descriptor.Base;
        cpu->TssLimit = descriptor.Limit;
        cpu->Page->Tr = selector;
        return true;
    }

    /// <summary>Linear address where FS or GS starts; 0 for the others, which count as flat, and for what cannot be read.</summary>
    public static uint Base(Vcpu* cpu, uint number)
    {
        uint selector = *Word(cpu, number) & 0xFFFF;
        Descriptor descriptor;
        if (number < Fs || (selector & 0xFFFC) == 0)
            return 0;
        return Descriptors.Read(cpu, selector, &descriptor, Vectors.GeneralProtection) ? descriptor.Base : 0;
    }

    /// <summary>The same, for an access through the register: false, with #GP, if it is empty.</summary>
    public static bool TryBase(Vcpu* cpu, uint number, uint* value)
    {
        *value = Base(cpu, number);
        return (*Word(cpu, number) & 0xFFFC) != 0 || Descriptors.Refuse(cpu, Vectors.GeneralProtection, 0);
    }

    /// <summary>A return to an outer level empties the registers whose segments that level may not use (SDM vol. 2, RET).</summary>
    public static void DropInner(Vcpu* cpu)
    {
        VcpuPage* page = cpu->Page;
        uint known = page->Ss; // just checked
        for (uint number = Es; number <= Gs; number++)
        {
            uint selector = *Word(cpu, number) & 0xFFFF;
            if (number is Cs or Ss || selector == known || selector == 0 || ((selector & 0xFFFC) == 0 && number >= Fs))
                continue;
            Descriptor descriptor;
            bool stays = Descriptors.Read(cpu, selector, &descriptor, Vectors.GeneralProtection)
                && (descriptor.Level >= cpu->Cpl || descriptor.Is(Descriptor.Segment | Descriptor.Code | Descriptor.ConformingOrDown));
            if (stays)
                continue;
            *Word(cpu, number) = 0;
            cpu->SegmentsChanged |= 1u << (int)number;
        }
    }

    private static bool CheckData(Vcpu* cpu, uint selector)
    {
        Descriptor descriptor;
        if (!Descriptors.Read(cpu, selector, &descriptor, Vectors.GeneralProtection))
            return false;
        bool code = descriptor.Is(Descriptor.Code), conforming = code && descriptor.Is(Descriptor.ConformingOrDown);
        bool usable = descriptor.Is(Descriptor.Segment) && (!code || descriptor.Is(Descriptor.ReadableOrWritable));
        if (!usable || (!conforming && ((selector & 3) > descriptor.Level || cpu->Cpl > descriptor.Level)))
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, selector & 0xFFFC);
        if (!descriptor.Is(Descriptor.Present))
            return Descriptors.Refuse(cpu, Vectors.NotPresent, selector & 0xFFFC);
        return Descriptors.MarkAccessed(cpu, &descriptor);
    }
}
