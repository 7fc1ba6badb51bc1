using LilyVM.Boot;
using LilyVM.Engines;
using LilyVM.Hypervisor;
using LilyVM.Memory;
using LilyVM.Networks;

namespace LilyVM;

/// <summary>
/// A virtual machine with one processor: guest RAM, devices, and the engine that runs the guest. It is made stopped and runs once. All
/// members but the constructor may be called from any thread.
/// </summary>
public sealed partial class VirtualMachine : IMachine
{
    private readonly MachineOptions options;
    private readonly bool isLinux;
    private readonly IEngine engine;
    private readonly MachineDevices devices;
    private readonly NetworkCards networks;
    private readonly object gate = new(); // of the fields below, and pulsed when they change
    private Task<MachineResult>? run;
    private bool isPaused, isParked, hasEnded, hasRun;
    private volatile bool stopRequested;
    private volatile string? startFailure; // why the machine cannot run after all

    /// <summary>Makes a machine and loads the guest into it.</summary>
    /// <exception cref="LilyVMException">Something is missing or wrong; the message says what.</exception>
    public VirtualMachine(MachineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        var clock = new TscClock();
        MachineChecks.Ram(options.MemoryBytes, architecture: null, hostBytes: null);
        MachineChecks.Drives(options.Drives);
        MachineChecks.Devices(options.Shares, options.Devices);
        NetworkChecks.Require(options.Networks);
        using var files = new GuestFiles();
        Elf kernel = files.ReadElf(options.Kernel);
        GuestArchitecture architecture = ConversionNotes.RequireConverted(kernel).Architecture;
        if (architecture.Bits > kernel.Architecture.Bits)
        {
            throw new LilyVMException(
                $"{kernel.FileName} is a 32-bit file with 64-bit code, which starts in 32-bit mode; give the 64-bit file that it was " +
                "made from.");
        }
        ulong ramBytes = MachineChecks.Ram(options.MemoryBytes, architecture, HostMemory.TotalBytes());
        var image = new KernelImage(kernel);
        isLinux = !image.IsMultiboot;
        var loader = new GuestLoader(image, ramBytes);
        loader.RequireFits();
        CpuModel cpu = CpuModel.Parse(options.Cpu, architecture);
        IReadOnlyList<CpuidEntry> cpuid = CpuidPolicy.ForThisHost(cpu, architecture);
        IReadOnlyList<ModuleOptions> modules = ModuleFiles.Of(image, options.Initrd, options.Modules);
        IReadOnlyList<LoadedModule> loaded = ModuleFiles.Read(files, image, modules, new MemoryMap(ramBytes).LowEnd);
        ReadOnlyMemory<byte>[] ramdisks = MachineChecks.Ramdisks(files, options, image);

        Isolation = LilyVM.Isolation.Choose(options.Isolation, architecture);
        networks = new NetworkCards(options, FailToStart);
        try
        {
            engine = options.CreateEngine is { } create
                ? create(ramBytes)
                : EngineSelector.Create(options.Engine, architecture, ramBytes, options, Isolation);
            devices = new MachineDevices(options, networks, engine, EndWith);
            devices.AddVirtio();
            loader.PlaceBiosData(engine.Ram, options.SecondConsole is not null);
            EntryPoint entry = image.IsMultiboot
                ? loader.LoadMultiboot(engine.Ram, loaded, options.CommandLine)
                : loader.LoadLinux(
                    engine.Ram, ramdisks, options.Initrd ?? "",
                    LinuxOptions.CommandLine(
                        architecture, clock.KiloHertz(), devices.VirtioCount, networks.KernelOptions, options.CommandLine));
            ulong tables = architecture == GuestArchitecture.X64 ? GuestLoader.PlaceStartTables(engine.Ram) : 0;
            engine.Prepare(new StartState(entry.Eip, entry.Esi, entry.Eax, entry.Ebx, GuestLayout.StackTop, cpuid) { PageTables = tables });
        }
        catch
        {
            networks.BeginEnd();
            devices?.Dispose();
            networks.Dispose();
            engine?.Dispose();
            ReleaseConsoles();
            throw;
        }
    }

    /// <summary>Name of the engine that runs the guest.</summary>
    public string EngineName => engine.Name;

    /// <summary>How guest RAM comes from the host.</summary>
    public RamSource RamSource => engine.RamSource;

    /// <summary>
    /// What keeps the guest's programs from their kernel; <see cref="IsolationLevel.Auto"/> of an IA-32 guest, which has no choice.
    /// </summary>
    public IsolationLevel Isolation { get; }

    /// <summary>The forwarded ports, with the numbers of those that were left open.</summary>
    public IReadOnlyList<PortForward> ForwardedPorts => networks.Forwards;

    /// <summary>Whether <see cref="Pause"/> holds the guest.</summary>
    public bool IsPaused
    {
        get
        {
            lock (gate)
                return isPaused;
        }
    }

    /// <summary>Runs the guest to its end. Cancelling ends the machine, with <see cref="MachineEnd.Stopped"/> as its result.</summary>
    /// <exception cref="LilyVMException">The host refuses what the engine needs; the guest has not run.</exception>
    public Task<MachineResult> RunAsync(CancellationToken cancellation = default)
    {
        lock (gate)
        {
            // A thread of its own: it spends the machine's life in system calls.
            return run = MachineThread.Start(run, "vCPU", RunToEnd, Stop, cancellation);
        }
    }

    /// <summary>Ends the machine as if it lost power.</summary>
    public void Stop()
    {
        lock (gate)
        {
            stopRequested = true;
            Monitor.PulseAll(gate);
        }
        engine?.Stop(); // a network may fail before there is one
    }

    /// <summary>Holds the guest and waits until it stands still. Registers may be read then.</summary>
    public void Pause()
    {
        lock (gate)
        {
            isPaused = true;
            if (run is null || stopRequested)
                return;
            engine.Stop();
            while (isPaused && !isParked && !hasEnded)
                Monitor.Wait(gate);
        }
    }

    /// <summary>Lets a paused guest go on.</summary>
    public void Resume()
    {
        lock (gate)
        {
            isPaused = false;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>What the engine counted so far.</summary>
    public IReadOnlyList<Counter> ReadCounters() => engine.ReadCounters();

    /// <summary>The guest's registers, right while it is paused.</summary>
    public Registers ReadRegisters() => engine.ReadRegisters();

    /// <summary>Ends the machine if it runs, flushes its consoles, and frees everything.</summary>
    public void Dispose()
    {
        if (run is { } running)
        {
            Stop();
            MachineThread.Await(running);
        }
        networks.BeginEnd();
        devices.Dispose();
        networks.Dispose();
        engine.Dispose();
        if (!hasRun)
            ReleaseConsoles();
    }

    private void FailToStart(string why)
    {
        startFailure = why;
        Stop();
    }

    private void ReleaseConsoles()
    {
        options.Console.Release();
        options.SecondConsole?.Release();
        foreach (MachineConsole port in options.Ports)
            port.Release();
    }
}
