namespace LilyVM.Hypervisor.Guest;

/// <summary>Reading descriptors. Safe: guest memory is reached through the page walk only.</summary>
internal static unsafe partial class Descriptors
{
    /// <summary>System descriptor types (SDM vol. 3, table 3-2); in 64-bit mode they are those of 64 bits.</summary>
    public const uint LdtType = 2, AvailableTask = 9, BusyTask = 11, InterruptGate = 14, TrapGate = 15;

    /// <summary>
    /// Reads the descriptor that a selector names; <paramref name="vector"/> with the selector for an error code if it is beyond its table.
    /// </summary>
    public static bool Read(Vcpu* cpu, uint selector, Descriptor* result, uint vector)
    {
        if (!IsInTable(cpu, selector))
            return Refuse(cpu, vector, selector & 0xFFFC);
        result->Address = ((selector & 4) != 0 ? cpu->LdtBase : *DescriptorTables.GlobalBase(cpu)) + (selector & 0xFFF8);
        return GuestMemory.Read64(cpu, result->Address, AccessFlags.Read, (ulong*)&result->Low); // High follows Low
    }

    /// <summary>Whether there is a place in the GDT or LDT that a selector names.</summary>
    public static bool IsInTable(Vcpu* cpu, uint selector)
    {
        bool isLocal = (selector & 4) != 0;
        return (selector & 0xFFF8) + 7 <= (isLocal ? cpu->LdtLimit : *DescriptorTables.GlobalLimit(cpu))
            && (!isLocal || (DescriptorTables.Local(cpu) & 0xFFFC) != 0);
    }

    /// <summary>Sets the accessed bit, as each load of a segment does.</summary>
    public static bool MarkAccessed(Vcpu* cpu, Descriptor* descriptor) =>
        descriptor->Is(Descriptor.Accessed)
        || GuestMemory.Write32(cpu, descriptor->Address + 4, AccessFlags.Write, descriptor->High | Descriptor.Accessed);

    /// <summary>Notes a fault; always false.</summary>
    public static bool Refuse(Vcpu* cpu, uint vector, uint error)
    {
        cpu->Fault.Vector = vector;
        cpu->Fault.ErrorCode = error;
        return false;
    }

    /// <summary>
    /// Reads the descriptor of an LDT or TSS: in the GDT, of this type, and present (SDM vol. 2, LLDT, LTR). False is a fault, which is in
    /// the vCPU.
    /// </summary>
    public static bool ReadSystem(Vcpu* cpu, uint selector, uint type, Descriptor* descriptor)
    {
        if ((selector & 4) != 0)
            return Refuse(cpu, Vectors.GeneralProtection, selector & 0xFFFC);
        if (!Read(cpu, selector, descriptor, Vectors.GeneralProtection))
            return false;
        if (descriptor->Is(Descriptor.Segment) || descriptor->Type != type)
            return Refuse(cpu, Vectors.GeneralProtection, selector & 0xFFFC);
        return descriptor->Is(Descriptor.Present) || Refuse(cpu, Vectors.NotPresent, selector & 0xFFFC);
    }
}
