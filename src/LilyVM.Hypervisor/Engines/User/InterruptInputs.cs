using System.Threading;
using LilyVM.Hypervisor.Shared.User;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>Brings the lines of the VM process's devices and the 8254's output to the 8259 pair, and answers a wish to stop.</summary>
internal static unsafe class InterruptInputs
{
    /// <summary>Called by the baton's holder whenever something may have changed.</summary>
    public static void Sample(Machine* machine)
    {
        uint rises = (uint)Interlocked.Exchange(ref *(int*)&machine->InterruptRises, 0);
        machine->Interrupts.Pic.SetLevel(Volatile.Read(ref machine->InterruptLevels));
        machine->Interrupts.Pic.Edge(rises & 0xFFFF);
        ulong now = Time.Now;
        if (machine->Interrupts.Pit.Advance(now) != 0)
            machine->Interrupts.Pic.Edge(1);
        machine->InterruptWaits = machine->Interrupts.Pic.Pending ? 1u : 0;
        Time.Arm(machine->Interrupts.Pit.NextDeadline);
        if (Volatile.Read(ref machine->StopRequested) != 0)
            Exits.Ask(StubExit.Stopped);
    }
}
