using System.Globalization;
using LilyVM.Hypervisor.Shared.User;

namespace LilyVM.Engines.User;

/// <summary>
/// All stubs run on one CPU, which somebody else may come to use too. When they had to wait for it for a good part of the time, they move
/// to the CPU that was idle most.
/// </summary>
internal sealed unsafe partial class CpuBalancer : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private const double MuchWaiting = 0.1; // of the interval

    private readonly Machine* machine; // the engine's, which disposes this object first
    private readonly StubProcess stubs;
    private readonly uint[] allowed;
    private readonly Timer timer;
    private readonly Lock gate = new();
    private ulong waitedBefore;
    private Dictionary<uint, ulong> idleBefore = [];
    private bool disposed;

    internal CpuBalancer(Machine* machine, StubProcess stubs)
    {
        this.machine = machine;
        this.stubs = stubs;
        allowed = HostCpu.Allowed();
        timer = new Timer(_ => Look());
        if (allowed.Length > 1 && machine->HostCpu != Layout.AnyCpu)
            timer.Change(Interval, Interval);
    }

    /// <summary>Stops it; returns when it no longer touches the machine.</summary>
    public void Dispose()
    {
        timer.Dispose();
        lock (gate)
            disposed = true;
    }

    private void Look()
    {
        if (!gate.TryEnter())
            return; // the last look still goes on
        try
        {
            if (disposed)
                return;
            ulong waited = Waited();
            Dictionary<uint, ulong> idle = HostCpu.IdleTicks();
            double share = (waited - waitedBefore) / (Interval.TotalMilliseconds * 1e6);
            if (waitedBefore != 0 && waited > waitedBefore && share > MuchWaiting)
                MoveToIdlest(idle);
            waitedBefore = waited;
            idleBefore = idle;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            timer.Change(Timeout.Infinite, Timeout.Infinite); // a host without these files: the stubs stay where they are
        }
        finally
        {
            gate.Exit();
        }
    }

    private void MoveToIdlest(Dictionary<uint, ulong> idle)
    {
        ulong Gained(uint cpu) => idle.GetValueOrDefault(cpu) - idleBefore.GetValueOrDefault(cpu);
        uint best = allowed.MaxBy(Gained), now = machine->HostCpu;
        if (best == now || Gained(best) <= Gained(now) + 2)
            return;
        machine->HostCpu = best;
        HostCpu.Pin((uint)stubs.Id, best); // those to come inherit its place
        foreach (uint process in Processes(programs: false))
            HostCpu.Pin(process, best);
        if (machine->ProgramsAreApart == 0)
            return;
        machine->ProgramCpu = now; // the two sides stay on different ones
        foreach (uint process in Processes(programs: true))
            HostCpu.Pin(process, now);
    }

    // Nanoseconds that all stubs have waited for a CPU: the second number of /proc/PID/schedstat.
    private ulong Waited()
    {
        ulong sum = 0;
        foreach (uint process in Processes(programs: false))
        {
            string text = File.ReadAllText($"/proc/{process}/schedstat");
            sum += ulong.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture);
        }
        return sum;
    }

    // What is really a stub of those that shared memory names; or a stub's process of programs.
    private List<uint> Processes(bool programs)
    {
        var processes = new List<uint>();
        for (uint i = 0; i < Math.Min(Volatile.Read(ref machine->StubCount), Machine.MaxStubs); i++)
        {
            StubSlot* slot = (StubSlot*)machine->StubSlots + i;
            uint process = programs ? slot->Programs : slot->Process;
            if (stubs.Owns(process))
                processes.Add(process);
        }
        return processes;
    }
}
