namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>HLT: the host runs something else until an interrupt comes.</summary>
internal static unsafe class Idle
{
    /// <summary>Returns when an interrupt waits to be delivered.</summary>
    public static void Wait(Vcpu* cpu)
    {
        KernelMachine* machine = This.Machine;
        This.Count(KernelCounter.Halts);
        while (true)
        {
            InterruptInputs.Sample(machine);
            if (machine->InterruptWaits != 0)
                return;
            if (Exits.AnyPosted())
            {
                Exits.Leave(KernelExit.Posted);
                continue;
            }
            ulong deadline = machine->Interrupts.Pit.NextDeadline, now = Time.Now;
            if (deadline > now)
                Host.Call(HostService.Halt, deadline == ulong.MaxValue ? ulong.MaxValue : deadline - now);
        }
    }
}
