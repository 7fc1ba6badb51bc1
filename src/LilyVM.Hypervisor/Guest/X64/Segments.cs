namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// Loads of segment registers in 64-bit mode, where only FS and GS have a base (SDM vol. 3, 3.4.4). Safe: guest memory is reached through
/// the page walk only.
/// </summary>
internal static unsafe class Segments
{
    /// <summary>Numbers of segment registers (SDM vol. 2, table 3-1).</summary>
    public const uint Es = 0, Cs = 1, Ss = 2, Ds = 3, Fs = 4, Gs = 5;

    /// <summary>Loads a register but CS.</summary>
    public static bool Load(Vcpu* cpu, uint number, uint selector)
    {
        Descriptor data;
        ulong start = 0;
        if ((selector & 0xFFFC) == 0)
        {
            if (number == Ss && (cpu->Cpl == 3 || (selector & 3) != cpu->Cpl))
                return Descriptors.Refuse(cpu, Vectors.GeneralProtection, 0);
        }
        else
        {
            if (!Descriptors.Read(cpu, selector, &data, Vectors.GeneralProtection) || !Check(cpu, number, selector, &data)
                || !Descriptors.MarkAccessed(cpu, &data))
                return false;
            start = data.Base;
        }
        (&cpu->Page->Es)[number] = selector;
        if (number == Fs)
            cpu->FsBase = start;
        else if (number == Gs)
            *CurrentGs(cpu) = start;
        return true;
    }

    /// <summary>LLDT.</summary>
    public static bool LoadLdt(Vcpu* cpu, uint selector)
    {
        Descriptor table;
        ulong start;
        if ((selector & 0xFFFC) == 0)
        {
            cpu->Ldtr = selector;
            return true;
        }
        if (!Descriptors.ReadSystem(cpu, selector, Descriptors.LdtType, &table) || !WideBase(cpu, selector, &table, &start))
            return false;
        cpu->Ldtr = selector;
        cpu->LdtBase = start;
        cpu->LdtLimit = table.Limit;
        return true;
    }

    /// <summary>LTR.</summary>
    public static bool LoadTask(Vcpu* cpu, uint selector)
    {
        Descriptor task;
        ulong start;
        if ((selector & 0xFFFC) == 0)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, 0);
        if (!Descriptors.ReadSystem(cpu, selector, Descriptors.AvailableTask, &task) || !WideBase(cpu, selector, &task, &start)
            || !GuestMemory.Write32(cpu, task.Address + 4, AccessFlags.Write, task.High | Descriptor.Busy))
            return false;
        cpu->Tr = selector;
        cpu->TssBase = start;
        cpu->TssLimit = task.Limit;
        return true;
    }

    /// <summary>SWAPGS.</summary>
    public static void SwapGs(Vcpu* cpu) => cpu->Page->Swapped = ~cpu->Page->Swapped & 0xFF;

    /// <summary>The GS base in use; the other one is IA32_KERNEL_GS_BASE.</summary>
    public static ulong* CurrentGs(Vcpu* cpu) => (cpu->Page->Swapped & 0xFF) == 0 ? &cpu->GsBase : &cpu->KernelGsBase;

    /// <summary>What IA32_KERNEL_GS_BASE shows.</summary>
    public static ulong* OtherGs(Vcpu* cpu) => (cpu->Page->Swapped & 0xFF) == 0 ? &cpu->KernelGsBase : &cpu->GsBase;

    /// <summary>The base that an FS or GS prefix adds; a null selector has one, too.</summary>
    public static bool TryBase(Vcpu* cpu, uint number, ulong* value)
    {
        *value = number == Fs ? cpu->FsBase : *CurrentGs(cpu);
        return true;
    }

    /// <summary>
    /// A return to an outer level empties data segment registers that it may not use (SDM vol. 2, IRET): conforming code and null ones
    /// stay.
    /// </summary>
    public static void LeaveLevel(Vcpu* cpu, ulong level)
    {
        for (uint number = Es; number <= Gs; number++)
        {
            ulong* register = &cpu->Page->Es + number;
            Descriptor data;
            if (number is Cs or Ss || (*register & 0xFFFC) == 0)
                continue;
            if (Descriptors.Read(cpu, (uint)*register & 0xFFFF, &data, Vectors.GeneralProtection)
                && (data.Level >= level || data.Is(Descriptor.Code | Descriptor.ConformingOrDown)))
                continue;
            *register = 0;
        }
    }

    private static bool Check(Vcpu* cpu, uint number, uint selector, Descriptor* data)
    {
        uint rpl = selector & 3, error = selector & 0xFFFC;
        bool isCode = data->Is(Descriptor.Code), good;
        if (number == Ss)
            good = data->Is(Descriptor.Segment | Descriptor.ReadableOrWritable) && !isCode && rpl == cpu->Cpl && data->Level == cpu->Cpl;
        else
        {
            bool conforming = isCode && data->Is(Descriptor.ConformingOrDown);
            good = data->Is(Descriptor.Segment) && (!isCode || data->Is(Descriptor.ReadableOrWritable))
                && (conforming || (data->Level >= rpl && data->Level >= cpu->Cpl));
        }
        if (!good)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, error);
        return data->Is(Descriptor.Present) || Descriptors.Refuse(cpu, number == Ss ? Vectors.Stack : Vectors.NotPresent, error);
    }

    // The second half of a system descriptor: bits 63 to 32 of the base, then zeros (SDM vol. 3, figure 7-4).
    private static bool WideBase(Vcpu* cpu, uint selector, Descriptor* descriptor, ulong* start)
    {
        ulong high;
        if ((selector & 0xFFF8) + 15 > cpu->GdtLimit)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, selector & 0xFFFC);
        if (!GuestMemory.Read64(cpu, descriptor->Address + 8, AccessFlags.Read, &high))
            return false;
        *start = descriptor->Base | high << 32;
        return ((high >> 40 & 0x1F) == 0 && Addresses.AreCanonical(*start))
            || Descriptors.Refuse(cpu, Vectors.GeneralProtection, selector & 0xFFFC);
    }
}
