using System.Runtime;

namespace LilyVM.Hypervisor.Engines.User;

internal static unsafe partial class Run
{
    private const uint ProgramCall = 0xFFFF; // native/vmlib/x64/deprivileged/engine.h
    private const ulong StepBit = 1 << 14; // DR6.BS

    /// <summary>Set by a signal handler that found the guest single-stepping into the library, with TF taken away.</summary>
    public static bool Stepped;

    /// <summary>From assembly: the VM library asks for a jump table entry.</summary>
    [RuntimeExport("lily_on_hypercall")]
    public static void OnHypercall(uint number)
    {
        This.Count(Counter.Hypercalls);
        Vcpu* cpu = This.Vcpu;
        if (Stepped)
            cpu->Flags |= Flags.Trap;
        if (number == ProgramCall)
        {
            cpu->Ip = cpu->Cx;
            Outcomes.Carry(cpu, SystemCalls.Enter(cpu, cpu->Cx - Patches.InstructionBytes));
        }
        else
        {
            Outcomes.Carry(cpu, Hypercalls.Execute(cpu, number));
        }
        if (Stepped)
        {
            Stepped = false;
            cpu->Page->Dr6 |= StepBit;
            cpu->Fault.Vector = Vectors.Debug;
            Outcomes.Carry(cpu, Events.RaiseFault(cpu));
        }
        Settle(cpu);
    }

    /// <summary>
    /// Whether the last page fault at an address of programs was a write to this page, and its kernel has not returned to it yet.
    /// </summary>
    public static bool IsWriting(ulong gva) =>
        faultAddress != 0 && (faultAddress ^ gva) >> PageWalk.PageShift == 0 && (faultAccess & AccessFlags.Write) != 0;

    /// <summary>The last thing before the guest goes on: interrupts, and what a program needs.</summary>
    public static void Settle(Vcpu* cpu)
    {
        Machine* machine = This.Machine;
        Interrupt(cpu, machine);
        if (cpu->Cpl == 3)
            PrepareProgram(cpu);
        else if (cpu->Ip == faultIp)
            MapAhead(cpu);
        ShortCuts.Set(cpu);
        machine->Counters[(int)Counter.FastSystemCalls] = cpu->QuickSystemCalls;
        cpu->Work = (machine->InterruptWaits != 0 ? Work.Interrupt : 0) | (Bases.Differ(cpu) ? Work.Bases : 0)
            | (faultAddress != 0 ? Work.MapAhead : 0) | (Programs.AreApart ? Work.Apart : 0);
        cpu->Page->Pending = machine->InterruptWaits != 0 ? 1u : 0;
    }

    private static void PrepareProgram(Vcpu* cpu)
    {
        if (Bases.Differ(cpu))
            Bases.Apply(cpu);
        MapAhead(cpu);
        AddressSpace.ApplyDeferred();
    }
}
