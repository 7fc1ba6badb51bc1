using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>Exceptions and software interrupts that the guest's code caused on the CPU.</summary>
internal static unsafe class Traps
{
    /// <summary>Vector of the usual system call.</summary>
    public const uint SystemCall = 0x80;

    /// <summary>Address of the last page fault: CR2 may have changed meanwhile.</summary>
    public static ulong FaultAddress;

    /// <summary>Its error code, as the CPU gave it.</summary>
    public static uint ErrorCode;

    /// <summary>The guest's tables refused it, as <see cref="Vcpu.Fault"/> says.</summary>
    public static bool Refused;

    /// <summary>Finds out what an exception means for the guest.</summary>
    public static Outcome Handle(Vcpu* cpu, uint vector, uint error)
    {
        switch (vector)
        {
            case Vectors.PageFault:
                return PageFault(cpu, error);
            case Vectors.GeneralProtection:
                This.Count(KernelCounter.ProtectionFaults);
                return Protection(cpu, error);
            case SystemCall:
                This.Count(KernelCounter.SlowSystemCalls);
                return Events.Software(cpu, vector, cpu->Ip, cpu->Ip - 2);
        }
        This.Count(KernelCounter.OtherExceptions);
        switch (vector)
        {
            case Vectors.Breakpoint:
            case Vectors.Overflow:
                return Events.Software(cpu, vector, cpu->Ip, cpu->Ip - 1);
            case Vectors.InvalidOpcode:
                Outcome outcome = PrivilegedInstructions.Execute(cpu);
                return outcome == Outcome.NotHandled ? Raise(cpu, vector, 0) : outcome;
            case Vectors.DeviceNotAvailable when (cpu->Cr0 & (ControlBits.TaskSwitched | 1 << 2)) == 0:
                Fpu.Load();
                return Outcome.Resume;
            case Vectors.Debug:
                if ((cpu->Flags & Flags.Trap) != 0)
                    cpu->Dr[6] |= 1 << 14; // DR6.BS: a step, not ICEBP
                return Raise(cpu, vector, 0);
            case Vectors.NotPresent or Vectors.Stack when (error & 0xFFFC) != 0 && GuestTables.Check(cpu, error):
                return Outcome.Resume;
            case Vectors.NotPresent or Vectors.Stack when cpu->Cpl == 0:
                LibraryFaults.Recover(cpu);
                return Raise(cpu, vector, error);
            default:
                return Raise(cpu, vector, error);
        }
    }

    /// <summary>Delivers an exception.</summary>
    public static Outcome Raise(Vcpu* cpu, uint vector, uint error)
    {
        cpu->Fault.Vector = vector;
        cpu->Fault.ErrorCode = error;
        return Events.RaiseFault(cpu);
    }

    private static Outcome PageFault(Vcpu* cpu, uint error)
    {
        uint address = (uint)FaultAddress, access = error & (AccessFlags.Write | AccessFlags.User);
        if (address >= VmArea.Base)
        {
            cpu->Fault.Address = address;
            This.Count(KernelCounter.GuestPageFaults);
            return Raise(cpu, Vectors.PageFault, error & 7);
        }
        switch (Refused ? FillResult.GuestFault : Fill(address, access))
        {
            case FillResult.Filled:
                return Outcome.Resume;
            case FillResult.Device:
                Outcome outcome = Accesses.StartDevice(cpu, address, This.Mmu->Needed, (access & AccessFlags.Write) != 0);
                if (outcome != Outcome.NotHandled)
                    return outcome;
                cpu->Shutdown = ShutdownReason.ForbiddenAddress; // code there, or an instruction that the core does not know
                return Outcome.Shutdown;
            default:
                This.Count(KernelCounter.GuestPageFaults);
                return Events.RaiseFault(cpu);
        }
    }

    /// <summary>Fills an entry, with whatever the host has to supply for it.</summary>
    public static FillResult Fill(uint address, uint access)
    {
        ShadowMmu* mmu = This.Mmu;
        while (true)
        {
            FillResult result = ShadowMmu.Fill(mmu, address, access);
            if (result == FillResult.NeedsPage)
                Host.GuestPage(mmu->Needed);
            else if (result == FillResult.NeedsPool)
                Host.GrowPool();
            else
                return result;
        }
    }

    private static Outcome Protection(Vcpu* cpu, uint error)
    {
        const uint Table = 7, InIdt = 2, InterruptOpcode = 0xCD;
        if ((error & Table) == InIdt)
        {
            // INT n through a gate that is not a program's here. QEMU counts the vector by 16 in the error code, hardware by 8: the
            // instruction tells.
            uint access = cpu->Cpl == 3 ? AccessFlags.User : AccessFlags.Read, code;
            if (GuestMemory.Read16(cpu, cpu->Ip, access, &code) && (code & 0xFF) == InterruptOpcode)
                return Events.Software(cpu, code >> 8, cpu->Ip + 2, cpu->Ip);
        }
        if ((error & 0xFFFC) != 0 && GuestTables.Check(cpu, error))
            return Outcome.Resume; // the descriptor is newer than our copy
        if (cpu->Cpl == 0 && LibraryFaults.Recover(cpu))
            return GuestTables.IsOwn(error) ? LibraryFaults.Repeat(cpu) : Raise(cpu, Vectors.GeneralProtection, error & 0xFFFF);
        Outcome outcome = cpu->Cpl == 0 ? PrivilegedInstructions.Execute(cpu) : PrivilegedInstructions.ExecuteOfProgram(cpu);
        return outcome == Outcome.NotHandled ? Raise(cpu, Vectors.GeneralProtection, error & 0xFFFF) : outcome;
    }
}
