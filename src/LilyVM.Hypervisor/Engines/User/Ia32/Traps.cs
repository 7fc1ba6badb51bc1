using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Exceptions that the guest's code caused on the real CPU. Safe: works on the vCPU; guest memory is reached through the page walk only.
/// </summary>
internal static unsafe class Traps
{
    /// <summary>Finds out what an exception means for the guest.</summary>
    public static Outcome Handle(Vcpu* cpu, uint vector, uint error, uint address)
    {
        switch (vector)
        {
            case Vectors.PageFault:
                This.Count(Counter.PageFaultSignals);
                return PageFault(cpu, error, address);
            case Vectors.GeneralProtection:
                This.Count(Counter.ProtectionSignals);
                return Protection(cpu, error);
            case Vectors.Breakpoint:
            case Vectors.Overflow:
                This.Count(Counter.OtherSignals);
                return Events.Software(cpu, vector, cpu->Ip, cpu->Ip - 1);
            case Vectors.InvalidOpcode:
                This.Count(Counter.OtherSignals);
                Outcome outcome = PrivilegedInstructions.Execute(cpu);
                return outcome == Outcome.NotHandled ? Raise(cpu, vector, 0) : outcome;
            case Vectors.AlignmentCheck when cpu->Cpl != 3:
                cpu->Flags &= ~Flags.Alignment; // checked in ring 3 only (SDM vol. 3, 2.3), where the guest kernel is by accident
                return Outcome.Resume;
            case Vectors.Debug:
                This.Count(Counter.OtherSignals);
                if ((cpu->Flags & Flags.Trap) != 0)
                    cpu->Dr[6] |= 1 << 14; // DR6.BS: a step, not ICEBP
                return Raise(cpu, vector, 0);
            case Vectors.Stack when cpu->Cpl == 3 && IsBeyondStack(cpu):
                This.Count(Counter.OtherSignals);
                return Events.RaiseFault(cpu);
            default:
                This.Count(Counter.OtherSignals);
                return Raise(cpu, vector, 0);
        }
    }

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

    // A program's stack segment ends at 3 GiB, where the guest's goes on: its page fault there is a stack fault here. ESP tells where, for
    // pushes and pops.
    private static bool IsBeyondStack(Vcpu* cpu)
    {
        Translation translation;
        uint address = cpu->Sp - 4 >= VmArea.LinkOffset ? cpu->Sp - 4 : cpu->Sp;
        return address >= VmArea.LinkOffset && !PageWalk.Walk(cpu, address, AccessFlags.User | AccessFlags.Write, &translation);
    }

    private static Outcome PageFault(Vcpu* cpu, uint error, uint address)
    {
        uint access = (error & AccessFlags.Write) | (cpu->Cpl == 3 ? AccessFlags.User : 0);
        if (cpu->Cpl == 3 && RealSegments.Repair(cpu))
            return Outcome.Resume;
        switch (AddressSpace.Map(cpu, address, access))
        {
            case MapResult.Mapped:
                return Outcome.Resume;
            case MapResult.Device:
                return OrForbidden(cpu, Accesses.StartDevice(cpu, address, AddressSpace.DeviceAddress, (access & AccessFlags.Write) != 0));
            case MapResult.Unmappable:
                return OrForbidden(cpu, Accesses.RunOnRam(cpu, address));
            case MapResult.TooLow:
                AddressSpace.MoveUp();
                return Outcome.Resume; // and is mapped at the next try
            default:
                This.Count(Counter.GuestPageFaults);
                if (cpu->Cpl == 3)
                    Run.RememberFault(cpu, address, access);
                return ProgramEntry.PageFault(cpu);
        }
    }

    // Code there, or an instruction that the core does not know.
    private static Outcome OrForbidden(Vcpu* cpu, Outcome outcome)
    {
        if (outcome != Outcome.NotHandled)
            return outcome;
        cpu->Shutdown = ShutdownReason.ForbiddenAddress;
        return Outcome.Shutdown;
    }

    private static Outcome Protection(Vcpu* cpu, uint error)
    {
        const uint Table = 7, InIdt = 2;
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
        return Raise(cpu, Vectors.GeneralProtection, (error & Table) == InIdt ? error & 0xFFFF : 0);
    }

    private static Outcome Raise(Vcpu* cpu, uint vector, uint error)
    {
        cpu->Fault.Vector = vector;
        cpu->Fault.ErrorCode = error;
        return Events.RaiseFault(cpu);
    }
}
