using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// The run loop of a stub: what brought the guest to a stop is handled, then <see cref="Settle"/> makes everything ready to enter it again.
/// Safe: works on the vCPU and on this stub's own state; guest memory is reached through the page walk only.
/// </summary>
internal static unsafe partial class Run
{
    // The page fault that the guest got last: once its kernel returns to the same instruction, the page is mapped without another signal.
    private static Word faultAddress, faultIp;
    private static uint faultAccess;

    /// <summary>From assembly: something came up between <see cref="Settle"/> and the guest.</summary>
    [RuntimeExport("lily_on_attention")]
    public static void OnAttention() => Settle(This.Vcpu);

    /// <summary>Remembers a page fault that the guest gets.</summary>
    public static void RememberFault(Vcpu* cpu, Word address, uint access)
    {
        faultAddress = address;
        faultIp = cpu->Ip;
        faultAccess = access;
    }

    // Looks at the lines, and lets the guest have an interrupt if it may.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interrupt(Vcpu* cpu, Machine* machine)
    {
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
    }

    // For a program that goes on, if it got a fault last.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MapAhead(Vcpu* cpu)
    {
        Word address = faultAddress;
        if (address == 0)
            return;
        faultAddress = 0;
        if (cpu->Ip == faultIp && AddressSpace.Map(cpu, address, faultAccess) == MapResult.Mapped)
            This.Count(Counter.PagesMappedAhead);
    }
}
