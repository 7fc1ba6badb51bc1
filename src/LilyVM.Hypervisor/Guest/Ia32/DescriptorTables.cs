namespace LilyVM.Hypervisor.Guest;

internal static unsafe partial class DescriptorTables
{
    /// <summary>The GDT's linear address.</summary>
    public static Word* GlobalBase(Vcpu* cpu) => &cpu->Page->GdtBase;

    /// <summary>Offset of the GDT's last byte.</summary>
    public static Word* GlobalLimit(Vcpu* cpu) => &cpu->Page->GdtLimit;

    /// <summary>The selector in LDTR.</summary>
    public static uint Local(Vcpu* cpu) => (uint)cpu->Page->Ldtr & 0xFFFF;

    /// <summary>The selector in TR.</summary>
    public static uint Task(Vcpu* cpu) => (uint)cpu->Page->Tr & 0xFFFF;

    // A width of 2 is the 16-bit form, which loads 24 bits.
    private static bool TakeBase(Vcpu* cpu, Request* request, Word* value)
    {
        const Word Base24 = 0x00FF_FFFF;
        if (request->Width == 2)
            *value &= Base24;
        return true;
    }
}
