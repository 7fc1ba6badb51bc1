using System.Threading;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Brings the lines of the VM process's devices and the 8254's output to the 8259 pair, and answers a wish to stop. Safe: works on the
/// machine's shared state.
/// </summary>
internal static unsafe class InterruptInputs
{
    /// <summary>Called by the baton's holder whenever something may have changed.</summary>
    public static void Sample(Machine* machine)
    {
        Exchange.Sample(&machine->Lines, &machine->Interrupts, Time.Now);
        machine->InterruptWaits = machine->Interrupts.Pic.Pending ? 1u : 0;
        Time.Arm(machine->Interrupts.Pit.NextDeadline);
        if (Volatile.Read(ref machine->StopRequested) != 0)
            Exits.Ask(StubExit.Stopped);
    }
}
