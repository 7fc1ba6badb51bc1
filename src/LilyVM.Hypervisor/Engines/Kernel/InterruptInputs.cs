using System.Threading;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>Brings the lines of the VM process's devices and the 8254's output to the 8259 pair, and answers a wish to stop.</summary>
internal static unsafe class InterruptInputs
{
    /// <summary>Called when something may have changed.</summary>
    public static void Sample(KernelMachine* machine)
    {
        RunRecord* record = This.Record;
        machine->LookAtInputs = 0;
        Exchange.Sample(&record->Lines, &machine->Interrupts, Time.Now);
        machine->InterruptWaits = machine->Interrupts.Pic.Pending ? 1u : 0;
        Time.Arm(machine->Interrupts.Pit.NextDeadline);
        if (Volatile.Read(ref record->StopRequested) != 0)
            Exits.Leave(KernelExit.Stopped);
    }
}
