using System.Runtime.InteropServices;
using LilyVM.Abi;

namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// The way from a guest program into its kernel, for the two events that are most frequent: a system call and a page fault. If gate, code
/// segment and stack segment are word for word what they were when <see cref="Events"/> delivered the last one, and lie where they lay,
/// everything about them was checked then, and only the frame is written. Whatever does not fit is left to <see cref="Events"/>. Safe:
/// guest memory is reached through walks only, which are made again after any flush.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ProgramEntry
{
    // The stack of level 0 in a TSS (SDM vol. 3, 7.2.1)
    private const uint SystemCallVector = 0x80, InnerStack = 4, FrameWords = 5, Word = 4;
    private const uint PageSize = 0x1000, Offset = 0xFFF, Index = 0xFFF8;

    // Where the tables lay, and how often something had been flushed when places in them were last looked up.
    private uint flushes, idtBase, idtLimit, gdtBase, gdtLimit, tssBase, tssLimit;
    private KnownWords systemCall, pageFault, code, stack, taskStack;
    private uint knowsSystemCall, knowsPageFault, codeSelector, stackSelector;

    /// <summary>INT 80h of a program, or what stands for it; see <see cref="Events.Software"/>.</summary>
    public static Outcome SystemCall(Vcpu* cpu, uint nextEip, uint faultEip)
    {
        ProgramEntry* known = &cpu->Entry;
        bool ofProgram = cpu->Cpl == 3;
        cpu->Ip = nextEip;
        if (ofProgram && known->knowsSystemCall != 0 && TryEnter(cpu, known, &known->systemCall, hasError: false))
            return Outcome.Resume;
        Outcome outcome = Events.Software(cpu, SystemCallVector, nextEip, faultEip);
        if (ofProgram)
            known->knowsSystemCall = Learn(cpu, known, &known->systemCall, SystemCallVector, gateLevel: 3) ? 1u : 0;
        return outcome;
    }

    /// <summary>The page fault in <see cref="Vcpu.Fault"/>; see <see cref="Events.RaiseFault"/>.</summary>
    public static Outcome PageFault(Vcpu* cpu)
    {
        ProgramEntry* known = &cpu->Entry;
        bool ofProgram = cpu->Cpl == 3;
        cpu->Page->Cr2 = cpu->Fault.Address;
        if (ofProgram && known->knowsPageFault != 0 && TryEnter(cpu, known, &known->pageFault, hasError: true))
            return Outcome.Resume;
        Outcome outcome = Events.RaiseFault(cpu);
        if (ofProgram)
            known->knowsPageFault = Learn(cpu, known, &known->pageFault, Vectors.PageFault, gateLevel: 0) ? 1u : 0;
        return outcome;
    }

    // EIP, ESP and flags are the program's. Nothing changes before all is known to be as it was.
    private static bool TryEnter(Vcpu* cpu, ProgramEntry* known, KnownWords* gate, bool hasError)
    {
        if (!AreInPlace(cpu, known) || (known->flushes != cpu->Tlb.Flushes && !FindAgain(cpu, known)) || !gate->Hold || !known->code.Hold
            || !known->stack.Hold)
            return false;
        ulong task = known->taskStack.Now;
        uint bytes = (FrameWords + (hasError ? 1u : 0)) * Word, bottom = (uint)task - bytes;
        byte* place = SoftwareTlb.Find(&cpu->Tlb, bottom, AccessFlags.Write);
        if ((uint)(task >> 32 & 0xFFFF) != known->stackSelector || place == null || (bottom & Offset) > PageSize - bytes)
            return false;
        VcpuPage* page = cpu->Page;
        uint* word = (uint*)place;
        if (hasError)
            *word++ = cpu->Fault.ErrorCode;
        word[0] = cpu->Ip;
        word[1] = page->Cs & 0xFFFF;
        word[2] = Flags.Get(cpu);
        word[3] = cpu->Sp;
        word[4] = page->Ss & 0xFFFF;
        cpu->Sp = bottom;
        Events.Enter(cpu, gate->Value, known->stackSelector, level: 0);
        return true;
    }

    private static bool AreInPlace(Vcpu* cpu, ProgramEntry* known)
    {
        VcpuPage* page = cpu->Page;
        return known->idtBase == page->IdtBase && known->idtLimit == page->IdtLimit && known->gdtBase == page->GdtBase
            && known->gdtLimit == page->GdtLimit && known->tssBase == cpu->TssBase && known->tssLimit == cpu->TssLimit;
    }

    private static bool FindAgain(Vcpu* cpu, ProgramEntry* known)
    {
        bool all = (known->knowsSystemCall == 0 || known->systemCall.Find(cpu, known->idtBase, known->idtLimit, SystemCallVector * 8))
            && (known->knowsPageFault == 0 || known->pageFault.Find(cpu, known->idtBase, known->idtLimit, Vectors.PageFault * 8))
            && known->code.Find(cpu, known->gdtBase, known->gdtLimit, known->codeSelector & Index)
            && known->stack.Find(cpu, known->gdtBase, known->gdtLimit, known->stackSelector & Index)
            && known->taskStack.Find(cpu, known->tssBase, known->tssLimit, InnerStack);
        if (all)
            known->flushes = cpu->Tlb.Flushes;
        return all;
    }

    // Whether the event that was just delivered went through the gate of the vector to ring 0, with segments of the GDT.
    private static bool Learn(Vcpu* cpu, ProgramEntry* known, KnownWords* gate, uint vector, uint gateLevel)
    {
        VcpuPage* page = cpu->Page;
        uint cs = page->Cs, ss = page->Ss;
        ulong oldCode = known->code.Value, oldStack = known->stack.Value;
        if (cpu->Cpl != 0 || ((cs | ss) & 4) != 0)
            return false;
        if (!AreInPlace(cpu, known))
        {
            known->knowsSystemCall = known->knowsPageFault = 0; // of other tables
            known->idtBase = page->IdtBase;
            known->idtLimit = page->IdtLimit;
            known->gdtBase = page->GdtBase;
            known->gdtLimit = page->GdtLimit;
            known->tssBase = cpu->TssBase;
            known->tssLimit = cpu->TssLimit;
        }
        bool all = gate->Learn(cpu, page->IdtBase, page->IdtLimit, vector * 8) && Events.LeadsHere(cpu, gate->Value, gateLevel)
            && known->code.Learn(cpu, page->GdtBase, page->GdtLimit, cs & Index)
            && known->stack.Learn(cpu, page->GdtBase, page->GdtLimit, ss & Index)
            && known->taskStack.Learn(cpu, cpu->TssBase, cpu->TssLimit, InnerStack);
        if (!all || known->flushes != cpu->Tlb.Flushes || cs != known->codeSelector || ss != known->stackSelector
            || oldCode != known->code.Value || oldStack != known->stack.Value)
            known->knowsSystemCall = known->knowsPageFault = 0; // the other gate led to other segments
        known->flushes = cpu->Tlb.Flushes;
        known->codeSelector = cs;
        known->stackSelector = ss;
        return all;
    }
}
