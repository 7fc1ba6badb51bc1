using System.Runtime;
using System.Threading;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// The run loop of a stub: what brought the guest to a stop is handled, then <see cref="Settle"/> makes everything ready to enter it again. Safe: works on the vCPU and on this stub's own state; guest memory is reached through the page walk only.
/// </summary>
internal static unsafe class Run
{
    private const uint ProgramCall = 0xFFFF; // native/vmlib/x64/deprivileged/engine.h
    private const ulong StepBit = 1 << 14; // DR6.BS

    // The fault that a guest program got last: once its kernel returns to the same instruction, the page is mapped without another signal.
    private static ulong faultAddress, faultRip;
    private static uint faultAccess;

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

    /// <summary>From assembly: something came up between <see cref="Settle"/> and the guest.</summary>
    [RuntimeExport("lily_on_attention")]
    public static void OnAttention() => Settle(This.Vcpu);

    /// <summary>Remembers a page fault that a guest program gets.</summary>
    public static void RememberFault(Vcpu* cpu, ulong address, uint access)
    {
        faultAddress = address;
        faultRip = cpu->Ip;
        faultAccess = access;
    }

    /// <summary>Whether the last page fault of a program was a write to this page, and its kernel has not returned to it yet.</summary>
    public static bool IsWriting(ulong gva) => faultAddress != 0 && (faultAddress ^ gva) >> PageWalk.PageShift == 0 && (faultAccess & AccessFlags.Write) != 0;

    /// <summary>The last thing before the guest goes on: interrupts, and what a program needs.</summary>
    public static void Settle(Vcpu* cpu)
    {
        Machine* machine = This.Machine;
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
        if (cpu->Cpl == 3)
            PrepareProgram(cpu);
        ShortCuts.Set(cpu);
        machine->Counters[(int)Counter.FastSystemCalls] = cpu->QuickSystemCalls;
        cpu->Work = (machine->InterruptWaits != 0 ? Work.Interrupt : 0) | (Bases.Differ(cpu) ? Work.Bases : 0) | (faultAddress != 0 ? Work.MapAhead : 0);
        cpu->Page->Pending = machine->InterruptWaits != 0 ? 1u : 0;
    }

    private static void PrepareProgram(Vcpu* cpu)
    {
        if (Bases.Differ(cpu))
            Bases.Apply(cpu);
        ulong address = faultAddress;
        faultAddress = 0;
        if (address != 0 && cpu->Ip == faultRip && AddressSpace.Map(cpu, address, faultAccess) == MapResult.Mapped)
            This.Count(Counter.PagesMappedAhead);
        AddressSpace.ApplyDeferred();
    }
}
