namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>What the guest does to its address spaces, for <see cref="Common.Outcomes"/>: shadow page tables.</summary>
internal static unsafe class Mappings
{
    /// <summary>INVLPG.</summary>
    public static void FlushPage(Vcpu* cpu) => QuickFlush.Forget(This.Mmu, cpu->FlushedAddress);

    /// <summary>CR3 was loaded.</summary>
    public static void Switch(Vcpu* cpu)
    {
        This.Count(KernelCounter.Cr3Loads);
        ShadowMmu.LoadCr3(This.Mmu);
    }

    /// <summary>All translations are to be forgotten.</summary>
    public static void FlushAll(Vcpu* cpu)
    {
        This.Count(KernelCounter.FullFlushes);
        ShadowMmu.FlushAll(This.Mmu);
    }

    /// <summary>All translations have another meaning now.</summary>
    public static void Reset(Vcpu* cpu) => ShadowMmu.ChangeMode(This.Mmu);
}
