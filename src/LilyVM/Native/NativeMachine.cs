using System.Diagnostics;
using System.Globalization;
using LilyVM.Boot;
using LilyVM.Engines;

namespace LilyVM.Native;

/// <summary>
/// A bare machine that QEMU emulates, in the place of a <see cref="VirtualMachine"/>: its consoles, ends and statuses are the same. QEMU is
/// a child that ends with us in whatever way we end, and all it gets from us are files without names, so that nothing is ever left.
/// </summary>
public sealed class NativeMachine : IMachine
{
    private const uint FirstSerial = 0x3F8, SecondSerial = 0x2F8;
    private const int Signalled = 128, Killed = Signalled + 9, Crashed = Signalled + 11; // exit statuses

    // QEMU does not tell that a processor has halted for good, so we look.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    private readonly List<QemuPort> ports = [];
    private readonly List<InheritedFile> files = [];
    private readonly InheritedFile log = InheritedFile.Of("log", default);
    private readonly QemuLine line;
    private readonly MachineConsole[] consoles;
    private readonly bool isLinux;
    private readonly DiskWarnings warnings;
    private readonly object gate = new(); // of the fields below, and pulsed when they change
    private Task<MachineResult>? run;
    private Process? process;
    private QemuMonitor? monitor;
    private bool isPaused, stopRequested;

    /// <summary>Prepares the machine; QEMU is started when it runs.</summary>
    /// <exception cref="LilyVMException">Something is missing or wrong; the message says what.</exception>
    public NativeMachine(QemuBoot boot, MachineConsole console, MachineConsole? secondConsole = null)
    {
        ArgumentNullException.ThrowIfNull(boot);
        ArgumentNullException.ThrowIfNull(console);
        consoles = secondConsole is null ? [console] : [console, secondConsole];
        warnings = new DiskWarnings(boot);
        isLinux = !Elf.Load(boot.Kernel).IsMultiboot;
        try
        {
            QemuLine machine = QemuCommand.Prepare(boot, Store, secondConsole is not null);
            List<string> words = [.. machine.Arguments, .. QemuCommand.ForNativeMachine(log.Path)];
            AddPort("first", FirstSerial, console,
                port => words.AddRange(["-chardev", port.CharacterDevice, "-serial", "chardev:" + port.Name]));
            if (secondConsole is not null)
                AddPort("second", SecondSerial, secondConsole,
                    port => words.AddRange(["-chardev", port.CharacterDevice, .. QemuCommand.SecondPort(port.Name)]));
            line = machine with { Arguments = words };
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool IsPaused
    {
        get
        {
            lock (gate)
                return isPaused;
        }
    }

    /// <inheritdoc/>
    public Task<MachineResult> RunAsync(CancellationToken cancellation = default)
    {
        lock (gate)
        {
            // A thread of its own: QEMU is killed when the thread that started it ends (prctl(2), PR_SET_PDEATHSIG).
            return run = MachineThread.Start(run, "QEMU", Run, Stop, cancellation);
        }
    }

    /// <inheritdoc/>
    public void Stop()
    {
        lock (gate)
        {
            stopRequested = true;
            Monitor.PulseAll(gate);
            process?.Kill(); // of one that has ended: nothing
        }
    }

    /// <inheritdoc/>
    public void Pause() => SetPaused(true);

    /// <inheritdoc/>
    public void Resume() => SetPaused(false);

    /// <inheritdoc/>
    public IReadOnlyList<Counter> ReadCounters() => [];

    /// <inheritdoc/>
    public Registers ReadRegisters()
    {
        lock (gate)
            return monitor?.ReadRegisters().Registers ?? QemuRegisters.Parse("").Registers;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (run is { } running)
        {
            Stop();
            MachineThread.Await(running);
        }
        files.ForEach(f => f.Dispose());
        ports.ForEach(p => p.Dispose());
        log.Dispose();
    }

    private string Store(string name, byte[] bytes)
    {
        files.Add(InheritedFile.Of(name, bytes));
        return files[^1].Path;
    }

    private void AddPort(string name, uint address, MachineConsole console, Action<QemuPort> use)
    {
        console.Occupy();
        ports.Add(new QemuPort(name, address, console));
        use(ports[^1]);
    }

    private void SetPaused(bool paused)
    {
        lock (gate)
        {
            isPaused = paused;
            Monitor.PulseAll(gate);
            try
            {
                monitor?.Execute(paused ? "stop" : "cont");
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }
    }

    private MachineResult Run()
    {
        lock (gate)
        {
            if (stopRequested)
                return MachineResult.Of(MachineEnd.Stopped, 0, null, null, []);
            process = QemuProcess.Start(line);
        }
        using Process qemu = process;
        Task<string> errors = qemu.StandardError.ReadToEndAsync();
        files.ForEach(f => f.Dispose());
        ports.ForEach(p => p.QemuEnd.Dispose());
        log.CloseOnExec();
        ports.ForEach(p => p.StartReading());
        bool started = false;
        (MachineEnd End, TripleFault? Fault)? seen = null;
        try
        {
            Begin(qemu);
            started = true;
            seen = WaitForEnd();
            qemu.Kill(); // it stands still, and has nothing to say any more
        }
        catch (IOException)
        {
            // QEMU has ended by itself.
        }
        qemu.WaitForExit();
        lock (gate)
        {
            process = null;
            monitor = null;
        }
        ports.ForEach(p => p.Finish());
        foreach (MachineConsole console in consoles)
            console.Flush();
        if (seen is { } byGuest)
            return MachineResult.Of(byGuest.End, 0, null, byGuest.Fault, []);
        (MachineEnd End, int Status, string? Why) end = started ? JudgeExit(qemu.ExitCode) : Refused(errors.Result);
        return MachineResult.Of(end.End, end.Status, end.Why, null, []);
    }

    // QEMU was started with a processor that stands still.
    private void Begin(Process qemu)
    {
        var its = new QemuMonitor(qemu.StandardInput, qemu.StandardOutput, warnings.Refused);
        ports.ForEach(p => p.StartTyping(its));
        lock (gate)
        {
            monitor = its;
            if (!isPaused)
                its.Execute("cont");
        }
    }

    private (MachineEnd End, TripleFault? Fault) WaitForEnd()
    {
        while (!monitor!.WaitForEnd(LookAgain))
        {
            if (IsDead())
                return (Judge(MachineEnd.PowerOff), null);
        }
        while (ports.Exists(p => !p.HasSentAll(monitor)))
            Thread.Sleep(1);
        return IsTripleFault() ? (Judge(MachineEnd.TripleFault), PlaceOfFault()) : (Judge(MachineEnd.Restart), null);
    }

    // The processor stands where it was; which exceptions it had, QEMU does not tell.
    private TripleFault PlaceOfFault()
    {
        Registers registers = monitor!.ReadRegisters().Registers;
        return new TripleFault(registers.Cs, registers.Ip, [], registers.Control[1], registers.Bits);
    }

    // The look at a processor that runs may be half before, half after a wake-up, so a second one is taken while it stands still.
    private bool IsDead()
    {
        lock (gate)
        {
            if (isPaused || !monitor!.ReadRegisters().IsDead)
                return false;
            monitor.Execute("stop");
            bool dead = monitor.ReadRegisters().IsDead;
            if (!dead)
                monitor.Execute("cont");
            return dead;
        }
    }

    // As VirtualMachine does.
    private MachineEnd Judge(MachineEnd seen) => isLinux ? ResetFlag.Judge(monitor!.ReadWord(ResetFlag.Address), seen) : seen;

    // QEMU writes it there (-d cpu_reset; target/i386/tcg/excp_helper.c).
    private bool IsTripleFault() => log.ReadText().Contains("Triple fault", StringComparison.Ordinal);

    private (MachineEnd End, int Status, string? Why) JudgeExit(int exitStatus)
    {
        lock (gate)
        {
            if (stopRequested)
                return (MachineEnd.Stopped, 0, null);
        }
        if (exitStatus is Killed or Crashed || exitStatus % 2 == 0)
        {
            string how = exitStatus > Signalled
                ? $"by signal {(exitStatus - Signalled).ToString(CultureInfo.InvariantCulture)}"
                : "by itself";
            return (MachineEnd.Failure, 0, $"{line.Program} was ended {how}; somebody killed it, or the host ran out of memory.");
        }
        return (MachineEnd.TestExit, exitStatus >> 1, null); // of isa-debug-exit: twice the status, and one
    }

    private (MachineEnd End, int Status, string? Why) Refused(string errors)
    {
        lock (gate)
        {
            return stopRequested
                ? (MachineEnd.Stopped, 0, null)
                : throw new LilyVMException($"{line.Program} cannot run this machine: {QemuMachine.LastLine(errors)}.");
        }
    }
}
