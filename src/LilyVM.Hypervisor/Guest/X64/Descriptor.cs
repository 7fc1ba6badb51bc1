using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Guest;

/// <summary>A descriptor of the guest's GDT or LDT; those of the LDT and of tasks have a second half (SDM vol. 3, 7.2.3).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Descriptor
{
    /// <summary>Its two words.</summary>
    public uint Low, High;

    /// <summary>Where it lies.</summary>
    public ulong Address;

    /// <summary>
    /// Bits of <see cref="High"/>; <see cref="Segment"/> is clear in system descriptors, <see cref="Busy"/> is of a TSS, <see cref="Wide"/> marks 64-bit code.
    /// </summary>
    public const uint Present = 1 << 15, Segment = 1 << 12, Code = 1 << 11, ConformingOrDown = 1 << 10, ReadableOrWritable = 1 << 9, Accessed = 1 << 8,
        Busy = 1 << 9, Wide = 1 << 21, Default = 1 << 22, Granularity = 1 << 23;

    /// <summary>Privilege level.</summary>
    public readonly uint Level => High >> 13 & 3;

    /// <summary>Type field, of a system descriptor or gate.</summary>
    public readonly uint Type => High >> 8 & 15;

    /// <summary>Linear address of its first byte, of a descriptor without a second half.</summary>
    public readonly uint Base => Low >> 16 | (High & 0xFF) << 16 | (High & 0xFF00_0000);

    /// <summary>Last offset inside.</summary>
    public readonly uint Limit
    {
        get
        {
            uint limit = (Low & 0xFFFF) | (High & 0xF_0000);
            return (High & Granularity) != 0 ? limit << 12 | 0xFFF : limit;
        }
    }

    /// <summary>Whether all these bits of the second word are set.</summary>
    public readonly bool Is(uint bits) => (High & bits) == bits;
}

/// <summary>Reading descriptors. Safe: guest memory is reached through the page walk only.</summary>
internal static unsafe class Descriptors
{
    /// <summary>System descriptor types in 64-bit mode (SDM vol. 3, table 3-2).</summary>
    public const uint LdtType = 2, AvailableTask = 9, BusyTask = 11, InterruptGate = 14, TrapGate = 15;

    /// <summary>
    /// Reads the descriptor that a selector names; <paramref name="vector"/> with the selector for an error code if it is beyond its table.
    /// </summary>
    public static bool Read(Vcpu* cpu, uint selector, Descriptor* result, uint vector)
    {
        bool local = (selector & 4) != 0;
        ulong table = local ? cpu->LdtBase : cpu->GdtBase, limit = local ? cpu->LdtLimit : cpu->GdtLimit;
        uint offset = selector & 0xFFF8;
        if (offset + 7 > limit || (local && (cpu->Ldtr & 0xFFFC) == 0))
            return Refuse(cpu, vector, selector & 0xFFFC);
        result->Address = table + offset;
        return GuestMemory.Read64(cpu, table + offset, AccessFlags.Read, (ulong*)&result->Low); // High follows Low
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
}
