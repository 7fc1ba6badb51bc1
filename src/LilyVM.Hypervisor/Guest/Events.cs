namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// Delivery of exceptions, interrupts and software interrupts through the guest's IDT (SDM vol. 3, 6.12; in 64-bit mode 6.14). Nothing of
/// the vCPU changes before all checks have passed. Safe: guest memory is reached through the page walk only.
/// </summary>
internal static unsafe partial class Events
{
    private const uint External = 1, InIdt = 2; // of error codes

    private enum Kind : uint
    {
        Hardware,
        Software,
        Exception,
    }

    /// <summary>
    /// Delivers <see cref="Vcpu.Fault"/> with instruction and stack pointer as they are. Faults on the way become a double fault, or a
    /// shutdown.
    /// </summary>
    public static Outcome RaiseFault(Vcpu* cpu)
    {
        uint vector = cpu->Fault.Vector;
        if (vector == Vectors.PageFault)
            cpu->Page->Cr2 = cpu->Fault.Address;
        cpu->Faults.Count = 0;
        while (true)
        {
            FaultChain.Add(&cpu->Faults, vector);
            uint error = cpu->Fault.ErrorCode;
            Outcome outcome;
            if (TryDeliver(cpu, vector, Kind.Exception, error, &outcome))
                return outcome;
            uint second = cpu->Fault.Vector;
            if (second == Vectors.PageFault)
                cpu->Page->Cr2 = cpu->Fault.Address; // even if it becomes a double fault
            if (vector == Vectors.DoubleFault)
            {
                FaultChain.Add(&cpu->Faults, second);
                cpu->Shutdown = ShutdownReason.TripleFault;
                return Outcome.Shutdown;
            }
            if (Vectors.MakeDoubleFault(vector, second))
            {
                cpu->Fault.ErrorCode = 0;
                second = Vectors.DoubleFault;
            }
            vector = second;
        }
    }

    /// <summary>Delivers an interrupt of the interrupt controllers.</summary>
    public static Outcome Interrupt(Vcpu* cpu, uint vector)
    {
        Outcome outcome;
        return TryDeliver(cpu, vector, Kind.Hardware, 0, &outcome) ? outcome : RaiseFault(cpu);
    }

    /// <summary>INT n, INT3 or INTO.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="vector">Vector, 0 to 255.</param>
    /// <param name="next">Behind the instruction: what the handler returns to.</param>
    /// <param name="at">Where a fault of the instruction is reported.</param>
    public static Outcome Software(Vcpu* cpu, uint vector, Word next, Word at)
    {
        cpu->Ip = next;
        Outcome outcome;
        if (TryDeliver(cpu, vector, Kind.Software, 0, &outcome))
            return outcome;
        cpu->Ip = at;
        return RaiseFault(cpu);
    }

    // EXT is set in the error code of each fault on the way, except of INT n (SDM vol. 3, 6.13); a page fault's has other bits.
    private static bool TryDeliver(Vcpu* cpu, uint vector, Kind kind, uint error, Outcome* outcome)
    {
        if (Deliver(cpu, vector, kind, error, outcome))
            return true;
        if (kind != Kind.Software && cpu->Fault.Vector != Vectors.PageFault)
            cpu->Fault.ErrorCode |= External;
        return false;
    }
}
