using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Exceptions that the guest's code caused on the real CPU. Safe: works on the vCPU; guest memory is reached through the page walk only.
/// </summary>
internal static unsafe partial class Traps
{
    private const uint StepBit = 1 << 14; // DR6.BS
    private const uint InIdt = 2, Table = 7; // of error codes

    /// <summary>Finds out what an exception means for the guest.</summary>
    public static Outcome Handle(Vcpu* cpu, uint vector, uint error, Word address)
    {
        switch (vector)
        {
            case Vectors.PageFault:
                This.Count(Counter.PageFaultSignals);
                return PageFault(cpu, error, address);
            case Vectors.GeneralProtection:
                This.Count(Counter.ProtectionSignals);
                return Protection(cpu, error);
            case Vectors.AlignmentCheck when cpu->Cpl != 3:
                cpu->Flags &= ~Flags.Alignment; // checked in ring 3 only (SDM vol. 3, 2.3), where the guest kernel is by accident
                return Outcome.Resume;
            default:
                This.Count(Counter.OtherSignals);
                return Other(cpu, vector);
        }
    }

    private static Outcome Other(Vcpu* cpu, uint vector)
    {
        switch (vector)
        {
            case Vectors.Breakpoint:
                return Events.Software(cpu, vector, cpu->Ip, cpu->Ip - 1);
            case Vectors.Overflow:
                return Events.Software(cpu, vector, cpu->Ip, cpu->Ip - OverflowLength);
            case Vectors.InvalidOpcode:
                Outcome outcome = PrivilegedInstructions.Execute(cpu);
                return outcome == Outcome.NotHandled ? Raise(cpu, vector, 0) : outcome;
            case Vectors.Debug:
                MarkStep(cpu);
                return Raise(cpu, vector, 0);
            case Vectors.Stack:
                return StackFault(cpu);
            default:
                return Raise(cpu, vector, 0);
        }
    }

    // The page cannot be mapped: it is a device's, or it is the guest kernel that must see to it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Outcome Unmapped(Vcpu* cpu, MapResult result, Word address, uint access)
    {
        switch (result)
        {
            case MapResult.Device:
                return OrForbidden(cpu, Accesses.StartDevice(cpu, address, AddressSpace.DeviceAddress, (access & AccessFlags.Write) != 0));
            case MapResult.Unmappable:
                return OrForbidden(cpu, Accesses.RunOnRam(cpu, address));
            default:
                This.Count(Counter.GuestPageFaults);
                if (MayMapAhead(cpu, address))
                    Run.RememberFault(cpu, address, access);
                return GuestPageFault(cpu);
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

    // The error code is the IDT's if the CPU refused INT n, whatever the guest's gate says.
    private static Outcome RaiseProtection(Vcpu* cpu, uint error) =>
        Raise(cpu, Vectors.GeneralProtection, (error & Table) == InIdt ? error & 0xFFFF : 0);

    private static Outcome Raise(Vcpu* cpu, uint vector, uint error)
    {
        cpu->Fault.Vector = vector;
        cpu->Fault.ErrorCode = error;
        return Events.RaiseFault(cpu);
    }
}
