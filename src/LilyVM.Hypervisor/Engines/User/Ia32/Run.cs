using System.Runtime;
using System.Threading;
using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// The run loop of a stub: what brought the guest to a stop is handled, then <see cref="Settle"/> makes everything ready to enter it again.
/// Safe: works on the vCPU and on this stub's own state; guest memory is reached through the page walk only.
/// </summary>
internal static unsafe class Run
{
    private const uint StepBit = 1 << 14; // DR6.BS

    // The fault that a guest program got last: once its kernel returns to the same instruction, the page is mapped without another signal.
    private static uint faultAddress, faultEip, faultAccess;

    /// <summary>
    /// Set by a signal handler that found the guest stepping into the library's far jump: TF, which it took away, and NT, which sigreturn
    /// drops.
    /// </summary>
    public static uint Stepped;

    /// <summary>Set by a signal handler that saw the CPU refuse the guest's EIP or selectors.</summary>
    public static bool Refused;

    /// <summary>From assembly: the VM library asks for a jump table entry, whose number it pushed.</summary>
    [RuntimeExport("lily_on_hypercall")]
    public static void OnHypercall()
    {
        This.Count(Counter.Hypercalls);
        Vcpu* cpu = This.Vcpu;
        bool stepped = TakeOver(cpu);
        uint number;
        if (!GuestMemory.Read32(cpu, cpu->Sp, AccessFlags.Read, &number))
        {
            Outcomes.Carry(cpu, Events.RaiseFault(cpu)); // the guest jumped into the library with a wild stack
        }
        else
        {
            cpu->Sp += 4;
            if (number != EntryTable.Iret || cpu->Cpl != 0 || !IretToProgram(cpu))
                Outcomes.Carry(cpu, Hypercalls.Execute(cpu, number));
        }
        if (stepped && (cpu->Flags & Flags.Trap) != 0)
        {
            cpu->Dr[6] |= StepBit;
            cpu->Fault.Vector = Vectors.Debug;
            Outcomes.Carry(cpu, Events.RaiseFault(cpu));
        }
        Settle(cpu);
    }

    // What only the real CPU knew; true if the guest single-stepped into us.
    private static bool TakeOver(Vcpu* cpu)
    {
        bool stepped = Stepped != 0;
        cpu->Flags |= Stepped;
        Stepped = 0;
        Flags.TakeNestedTask(cpu);
        if (cpu->Cpl == 3)
            RealSegments.Capture(cpu);
        return stepped;
    }

    // The return address of the call is above the frame; it is not needed any more.
    private static bool IretToProgram(Vcpu* cpu)
    {
        cpu->Sp += 4;
        if (UserReturn.TryIret(cpu))
            return true;
        cpu->Sp -= 4;
        return false;
    }

    /// <summary>From assembly: a far call in place of the vDSO's INT 80h.</summary>
    [RuntimeExport("lily_on_system_call")]
    public static void OnSystemCall()
    {
        This.Count(Counter.FastSystemCalls);
        Vcpu* cpu = This.Vcpu;
        TakeOver(cpu); // a step over the call is noticed behind it, by TF in the frame
        Outcomes.Carry(cpu, VdsoCall.Execute(cpu));
        Settle(cpu);
    }

    /// <summary>From assembly: something came up between <see cref="Settle"/> and the guest.</summary>
    [RuntimeExport("lily_on_attention")]
    public static void OnAttention() => Settle(This.Vcpu);

    /// <summary>Remembers a page fault that a guest program gets.</summary>
    public static void RememberFault(Vcpu* cpu, uint address, uint access)
    {
        faultAddress = address;
        faultEip = cpu->Ip;
        faultAccess = access;
    }

    /// <summary>The last thing before the guest goes on: interrupts, and the real segment registers.</summary>
    public static void Settle(Vcpu* cpu)
    {
        Machine* machine = This.Machine;
        if (Refused)
        {
            Refused = false;
            Outcomes.Carry(cpu, BeyondPrograms.Enter(cpu));
        }
        if (*This.Attention != 0 || Volatile.Read(ref machine->Lines.Rises) != 0)
        {
            Volatile.Write(ref *This.Attention, 0);
            InterruptInputs.Sample(machine);
        }
        if (machine->InterruptWaits != 0 && Flags.Interrupts(cpu))
        {
            This.Count(Counter.Interrupts);
            Outcomes.Carry(cpu, Events.Interrupt(cpu, machine->Interrupts.Pic.Acknowledge()));
            machine->InterruptWaits = machine->Interrupts.Pic.Pending ? 1u : 0;
        }
        cpu->Page->Pending = machine->InterruptWaits;
        if (cpu->Cpl == 3)
        {
            if (faultAddress != 0)
                MapAhead(cpu);
            AddressSpace.HideKernelPages();
        }
        RealSegments.Install(cpu);
    }

    private static void MapAhead(Vcpu* cpu)
    {
        uint address = faultAddress;
        faultAddress = 0;
        if (cpu->Ip == faultEip && AddressSpace.Map(cpu, address, faultAccess) == MapResult.Mapped)
            This.Count(Counter.PagesMappedAhead);
    }
}
