using System.Threading;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>HLT: waits for an interrupt without the VM process. Safe: works on the machine's shared state.</summary>
internal static unsafe class Idle
{
    /// <summary>Returns when an interrupt waits to be delivered.</summary>
    public static void Wait(Vcpu* cpu)
    {
        This.Count(Counter.Halts);
        Machine* machine = This.Machine;
        while (true)
        {
            Volatile.Write(ref machine->Halted, 1);
            Interlocked.MemoryBarrier(); // who raises a line looks at Halted afterwards
            InterruptInputs.Sample(machine);
            if (machine->Interrupts.Pic.Pending)
                break;
            ulong deadline = machine->Interrupts.Pit.NextDeadline, now = Time.Now;
            if (deadline == ulong.MaxValue)
            {
                Host.Wait(&machine->Halted, 1);
                continue;
            }
            if (deadline <= now)
                continue;
            Host.TimeSpec time;
            time.Seconds = (long)((deadline - now) / 1_000_000_000);
            time.Nanoseconds = (long)((deadline - now) % 1_000_000_000);
            Host.Wait(&machine->Halted, 1, &time);
        }
        Volatile.Write(ref machine->Halted, 0);
    }
}
