using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

internal static unsafe partial class Traps
{
    private const uint OverflowLength = 1; // INTO

    /// <summary>
    /// SYSCALL or SYSENTER in 32-bit code, which CPUID does not offer the guest. The host kernel has moved RIP away and keeps nothing of
    /// where it was: ECX, where SYSCALL puts it, comes back as EBP, as the host's vDSO wants it. 0 is at least no address of another
    /// instruction.
    /// </summary>
    public static Outcome WildSystemCall(Vcpu* cpu)
    {
        cpu->Ip = 0;
        return Raise(cpu, Vectors.InvalidOpcode, 0);
    }

    // A step, not ICEBP.
    private static void MarkStep(Vcpu* cpu)
    {
        if ((cpu->Flags & Flags.Trap) != 0)
            cpu->Dr[6] |= StepBit;
    }

    private static Outcome StackFault(Vcpu* cpu) =>
        cpu->Cpl == 3 && IsBeyondStack(cpu) ? Events.RaiseFault(cpu) : Raise(cpu, Vectors.Stack, 0);

    // A program's stack segment ends at 3 GiB, where the guest's goes on: its page fault there is a stack fault here. ESP tells where, for
    // pushes and pops.
    private static bool IsBeyondStack(Vcpu* cpu)
    {
        Translation translation;
        uint address = cpu->Sp - 4 >= Layout.ProgramEnd ? cpu->Sp - 4 : cpu->Sp;
        return address >= Layout.ProgramEnd && !PageWalk.Walk(cpu, address, AccessFlags.User | AccessFlags.Write, &translation);
    }

    private static bool MayMapAhead(Vcpu* cpu, Word address) => cpu->Cpl == 3;

    private static Outcome GuestPageFault(Vcpu* cpu) => ProgramEntry.PageFault(cpu);

    private static Outcome PageFault(Vcpu* cpu, uint error, uint address)
    {
        uint access = (error & AccessFlags.Write) | (cpu->Cpl == 3 ? AccessFlags.User : 0);
        if (cpu->Cpl == 3 && RealSegments.Repair(cpu))
            return Outcome.Resume;
        MapResult result = AddressSpace.Map(cpu, address, access);
        switch (result)
        {
            case MapResult.Mapped:
                return Outcome.Resume;
            case MapResult.TooLow:
                AddressSpace.MoveUp();
                return Outcome.Resume; // and is mapped at the next try
            default:
                return Unmapped(cpu, result, address, access);
        }
    }

    private static Outcome Protection(Vcpu* cpu, uint error)
    {
        if (cpu->Cpl == 3 ? RealSegments.Repair(cpu) : RealSegments.RepairKernel(cpu))
            return Outcome.Resume;
        if (cpu->Cpl == 3 && (error & Table) == InIdt)
            VdsoCall.Patch(cpu, cpu->Ip); // INT 80h perhaps, on a host without IA-32 emulation
        // INT n through a gate that the host does not offer: error code of the IDT. The instruction may be one that the core knows, too.
        Outcome outcome = cpu->Cpl == 3 ? BeyondPrograms.Access(cpu) : PrivilegedInstructions.Execute(cpu);
        if (outcome == Outcome.NotHandled && cpu->Cpl == 3)
            outcome = PrivilegedInstructions.ExecuteOfProgram(cpu);
        if (outcome != Outcome.NotHandled)
            return outcome;
        return RaiseProtection(cpu, error);
    }
}
