using LilyVM.Boot;
using LilyVM.Daemons;
using LilyVM.Devices;
using LilyVM.Devices.VhostUser;
using LilyVM.Devices.Virtio;
using LilyVM.Engines;
using LilyVM.Networks;

namespace LilyVM;

/// <summary>The devices of a machine, where they lie, and the interrupts that they use: a small PC.</summary>
internal sealed class MachineDevices : IDisposable
{
    // Places and interrupts of a PC's devices.
    private const uint FirstSerial = 0x3F8, SecondSerial = 0x2F8, Clock = 0x70, Keyboard = 0x64, FastReset = 0x92, TestExit = 0xF4,
        ResetControl = 0xCF9,
        Panic = 0x505, PowerManagement = 0x604;
    private const int FirstSerialIrq = 4, SecondSerialIrq = 3, ClockIrq = 8;

    private readonly MachineOptions options;
    private readonly IEngine engine;
    private readonly Cmos clock;
    private readonly List<VirtioMmio> virtio = [];
    private readonly NetworkCards networks;

    internal MachineDevices(MachineOptions options, NetworkCards networks, IEngine engine, Action<MachineEnd, int> end)
    {
        this.options = options;
        this.networks = networks;
        this.engine = engine;
        void Reset() => end(MachineEnd.Restart, 0);
        AddSerial(options.Console, FirstSerial, FirstSerialIrq, outputOnly: HasVirtioConsole);
        if (options.SecondConsole is not null)
            AddSerial(options.SecondConsole, SecondSerial, SecondSerialIrq);
        clock = new Cmos(TimeProvider.System, new EngineLine(engine, ClockIrq));
        Ports.Map(Clock, Cmos.Length, clock);
        Ports.Map(Keyboard, KeyboardControllerPort.Length, new KeyboardControllerPort(Reset));
        Ports.Map(FastReset, FastA20Port.Length, new FastA20Port(Reset));
        Ports.Map(ResetControl, ResetControlPort.Length, new ResetControlPort(Reset));
        Ports.Map(PowerManagement, PowerOffPort.Length, new PowerOffPort(() => end(MachineEnd.PowerOff, 0)));
        Ports.Map(Panic, PanicPort.Length, new PanicPort(() => end(MachineEnd.Panic, 0)));
        Ports.Map(TestExit, TestExitPort.Length, new TestExitPort(status => end(MachineEnd.TestExit, status)));
    }

    /// <summary>I/O ports.</summary>
    internal Bus Ports { get; } = new();

    /// <summary>Guest physical addresses that are not RAM.</summary>
    internal Bus Memory { get; } = new();

    /// <summary>Number of virtio-mmio devices, from slot 0 on.</summary>
    internal int VirtioCount => virtio.Count;

    /// <summary>What drivers did wrong.</summary>
    internal IReadOnlyList<string> Faults => [.. virtio.Select(v => v.Fault).OfType<string>()];

    /// <summary>
    /// Adds the virtio devices, which take slots in this order: the drives, whose names in the guest follow it, a source of entropy, and
    /// the virtio console if the guest is told to use it, the ports, the network cards, then shared folders and what else other processes
    /// serve. None is opened if there are too many.
    /// </summary>
    internal void AddVirtio()
    {
        List<Func<VirtioDevice>> wanted =
        [
            .. options.Drives.Select<DriveOptions, Func<VirtioDevice>>(
                drive => () => drive.IsServed
                    ? ServedDisk.Open(drive, engine.Ram, options.Warning)
                    : VirtioBlock.Open(drive.Path, drive.ReadOnly, drive.Snapshot, options.Warning)),
            () => new VirtioEntropy(),
        ];
        if (HasVirtioConsole)
            wanted.Add(options.Console.CreateVirtio);
        if (options.Ports.Count > 0)
            wanted.Add(() => MachineConsole.CreatePorts(options.Ports));
        wanted.AddRange(networks.Makers(engine.Ram));
        wanted.AddRange(options.Shares.Select<ShareOptions, Func<VirtioDevice>>(
            share => () => SharedFolder.Open(share, engine.Ram, options.Warning)));
        wanted.AddRange(options.Devices.Select<VhostUserOptions, Func<VirtioDevice>>(
            device => () => VhostUserConnector.Open(device, engine.Ram, options.Warning)));
        VirtioSlots.Require(wanted.Count);
        wanted.ForEach(make => AddVirtio(make()));
    }

    /// <summary>Passes on what the guest printed last.</summary>
    internal void Flush()
    {
        options.Console.Flush();
        options.SecondConsole?.Flush();
        foreach (MachineConsole port in options.Ports)
            port.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Flush();
        virtio.ForEach(v => v.Dispose());
        clock.Dispose();
    }

    // Then the serial port has no input: keys go to one place.
    private bool HasVirtioConsole => LinuxOptions.UsesVirtioConsole(options.CommandLine);

    private void AddVirtio(VirtioDevice device)
    {
        int slot = virtio.Count;
        uint address = VirtioSlots.Address(slot);
        virtio.Add(new VirtioMmio(device, engine.Ram, new EngineLine(engine, VirtioSlots.Irq(slot))));
        Memory.Map(address, VirtioMmio.Length, virtio[slot]);
        // A notification only wakes the device's thread, so the guest need not wait for it.
        engine.PostWrites(AddressKind.Memory, address + VirtioMmio.QueueNotify, sizeof(uint));
        for (int queue = 0; queue < device.Kicks.Count; queue++)
            engine.SignalWrites(address + VirtioMmio.QueueNotify, (uint)queue, device.Kicks[queue].Descriptor);
    }

    private void AddSerial(MachineConsole console, uint port, int irq, bool outputOnly = false)
    {
        Ports.Map(port, Uart16550.Length, console.CreatePort(new EngineLine(engine, irq), outputOnly));
        // What is written there (characters, mostly) is never answered, so the guest need not wait for it.
        engine.PostWrites(AddressKind.Port, port, 1);
    }

    /// <summary>An input of the engine's interrupt controllers.</summary>
    private sealed class EngineLine(IEngine engine, int number) : IInterruptLine
    {
        public void Set(bool level) => engine.SetInterruptLine(number, level);
    }
}
