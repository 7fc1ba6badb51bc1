using System.Threading;
using LilyVM.Hypervisor.Shared.Kernel;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>Brings the lines of the VM process's devices and the 8254's output to the 8259 pair, and answers a wish to stop.</summary>
internal static unsafe class InterruptInputs
{
    /// <summary>Called when something may have changed.</summary>
    public static void Sample(KernelMachine* machine)
    {
        RunRecord* record = This.Record;
        machine->LookAtInputs = 0;
        uint rises = (uint)Interlocked.Exchange(ref *(int*)&record->InterruptRises, 0);
        machine->Interrupts.Pic.SetLevel(Volatile.Read(ref record->InterruptLevels) & 0xFFFF);
        machine->Interrupts.Pic.Edge(rises & 0xFFFF);
        if (machine->Interrupts.Pit.Advance(Time.Now) != 0)
            machine->Interrupts.Pic.Edge(1);
        machine->InterruptWaits = machine->Interrupts.Pic.Pending ? 1u : 0;
        Time.Arm(machine->Interrupts.Pit.NextDeadline);
        if (Volatile.Read(ref record->StopRequested) != 0)
            Exits.Leave(KernelExit.Stopped);
    }
}
