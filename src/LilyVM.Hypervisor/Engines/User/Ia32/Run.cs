using System.Runtime;
using System.Threading;
using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

internal static unsafe partial class Run
{
    private const uint StepBit = 1 << 14; // DR6.BS

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

    /// <summary>The last thing before the guest goes on: interrupts, and the real segment registers.</summary>
    public static void Settle(Vcpu* cpu)
    {
        Machine* machine = This.Machine;
        if (Refused)
        {
            Refused = false;
            Outcomes.Carry(cpu, BeyondPrograms.Enter(cpu));
        }
        Interrupt(cpu, machine);
        cpu->Page->Pending = machine->InterruptWaits;
        if (cpu->Cpl == 3)
        {
            MapAhead(cpu);
            AddressSpace.HideKernelPages();
        }
        RealSegments.Install(cpu);
    }
}
