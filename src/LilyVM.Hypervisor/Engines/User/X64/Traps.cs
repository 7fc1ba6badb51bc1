namespace LilyVM.Hypervisor.Engines.User;

/// <summary>Exceptions that the guest's code caused on the real CPU. Safe: works on the vCPU; guest memory is reached through the page walk only.</summary>
internal static unsafe class Traps
{
    private const ulong StepBit = 1 << 14; // DR6.BS
    private const uint InIdt = 2, Table = 7; // of error codes

    /// <summary>Finds out what an exception means for the guest.</summary>
    public static Outcome Handle(Vcpu* cpu, uint vector, uint error, ulong address)
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
                This.Count(Counter.OtherSignals);
                return Events.Software(cpu, vector, cpu->Ip, cpu->Ip - 1);
            case Vectors.Overflow: // INT 4, whose real gate is open to all: there is no INTO in 64-bit code
                This.Count(Counter.OtherSignals);
                return Events.Software(cpu, vector, cpu->Ip, cpu->Ip - 2);
            case Vectors.InvalidOpcode:
                This.Count(Counter.OtherSignals);
                Outcome outcome = PrivilegedInstructions.Execute(cpu);
                return outcome == Outcome.NotHandled ? Raise(cpu, vector, 0) : outcome;
            case Vectors.AlignmentCheck when cpu->Cpl != 3:
                cpu->Flags &= ~Flags.Alignment; // checked in ring 3 only (SDM vol. 3, 2.3), where the guest kernel is by accident
                return Outcome.Resume;
            case Vectors.Debug:
                This.Count(Counter.OtherSignals);
                if (!IsBehindIcebp(cpu))
                    cpu->Page->Dr6 |= StepBit; // POPF may have cleared TF
                return Raise(cpu, vector, 0);
            default:
                This.Count(Counter.OtherSignals);
                return Raise(cpu, vector, 0);
        }
    }

    /// <summary>A page fault that only needs the page; true if the access can be tried again. The fault is in the vCPU otherwise.</summary>
    public static bool TryMap(Vcpu* cpu, uint error, ulong address, uint level) =>
        AddressSpace.Map(cpu, address, Access(error, level)) == MapResult.Mapped;

    // INT1: a trap like a step, but told apart in DR6.
    private static bool IsBehindIcebp(Vcpu* cpu)
    {
        const uint Icebp = 0xF1;
        uint opcode;
        return GuestMemory.Read8(cpu, cpu->Ip - 1, AccessFlags.Read, &opcode) && opcode == Icebp;
    }

    private static uint Access(uint error, ulong level) =>
        (error & (AccessFlags.Write | AccessFlags.Fetch)) | (level == 3 ? AccessFlags.User : 0);

    private static Outcome PageFault(Vcpu* cpu, uint error, ulong address)
    {
        uint access = Access(error, cpu->Cpl);
        switch (AddressSpace.Map(cpu, address, access))
        {
            case MapResult.Mapped:
                return Outcome.Resume;
            case MapResult.Device:
                return OrForbidden(cpu, Accesses.StartDevice(cpu, address, AddressSpace.DeviceAddress, (access & AccessFlags.Write) != 0));
            case MapResult.Unmappable:
                return OrForbidden(cpu, Accesses.RunOnRam(cpu, address));
            default:
                This.Count(Counter.GuestPageFaults);
                if (cpu->Cpl == 3)
                    Run.RememberFault(cpu, address, access);
                return Events.RaiseFault(cpu);
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

    // INT n has the error code of the IDT here, whatever the guest's gate says. The instruction may be one that the core knows, too.
    private static Outcome Protection(Vcpu* cpu, uint error)
    {
        Outcome outcome = cpu->Cpl == 3 ? PrivilegedInstructions.ExecuteOfProgram(cpu) : PrivilegedInstructions.Execute(cpu);
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
