namespace LilyVM.Hypervisor.Guest;

internal static unsafe partial class DescriptorTables
{
    /// <summary>The GDT's linear address.</summary>
    public static Word* GlobalBase(Vcpu* cpu) => &cpu->GdtBase;

    /// <summary>Offset of the GDT's last byte.</summary>
    public static Word* GlobalLimit(Vcpu* cpu) => &cpu->GdtLimit;

    /// <summary>The selector in LDTR.</summary>
    public static uint Local(Vcpu* cpu) => (uint)cpu->Ldtr & 0xFFFF;

    /// <summary>The selector in TR.</summary>
    public static uint Task(Vcpu* cpu) => (uint)cpu->Tr & 0xFFFF;

    private static bool TakeBase(Vcpu* cpu, Request* request, Word* value) =>
        Addresses.AreCanonical(*value) || Privilege.GeneralProtection(cpu, 0);
}
