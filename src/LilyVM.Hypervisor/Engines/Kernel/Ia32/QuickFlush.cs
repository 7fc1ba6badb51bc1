namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>
/// INVLPG of the guest's kernel, which a program's fault on a shared page ends with, in half of the instructions: nothing but a page's
/// translation changes, so the guest goes on with the state that it came with. Safe: guest memory is reached through the page walk only.
/// </summary>
internal static unsafe class QuickFlush
{
    private const uint Kernel = 1; // the privilege level that it has on the CPU

    /// <summary>What INVLPG does to the shadow page tables and the CPU's own TLB, however it was executed.</summary>
    public static void Forget(ShadowMmu* mmu, uint gva)
    {
        This.Count(KernelCounter.PageFlushes);
        ShadowMmu.FlushPage(mmu, gva);
        Native.InvalidatePage(gva);
    }

    /// <summary>
    /// Executes the entry if it is INVLPG in its usual form, one register for an address; false, with nothing changed, if not.
    /// </summary>
    public static bool Try(KernelMachine* machine, uint entry)
    {
        Vcpu* cpu = &machine->Vcpu;
        uint target, gva;
        if (entry >= EntryTable.Count || EntryTable.OpOf(EntryTable.Word(entry)) != Op.Invlpg || (machine->RealCs & 3) != Kernel
            || (cpu->Flags & Flags.NestedTask) != 0)
            return false;
        if (!OperandNops.TryPlain(cpu, &target, &gva))
            return false;
        cpu->Sp += 4;
        cpu->Ip = target;
        machine->RealFlags = cpu->Flags;
        GuestMemory.FlushPage(cpu, gva);
        Forget(&machine->Mmu, gva);
        OwnTraps.FlushIfWanted();
        if (machine->Attention != 0)
        {
            // The host supplied a page for this: Run.OnAttention settles the machine, for which its state is taken over.
            Time.Reset();
            Selectors.Capture(cpu, machine);
        }
        return true;
    }
}
