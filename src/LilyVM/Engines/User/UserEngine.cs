using LilyVM.Boot;
using LilyVM.Engines.Common;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Shared;
using LilyVM.Hypervisor.Shared.User;
using LilyVM.Memory;

namespace LilyVM.Engines.User;

/// <summary>
/// The conventional engine: the guest runs in ordinary processes, the stubs, with nobody's help in the host's kernel. This side of it
/// owns the memory, starts the first stub, and answers exits.
/// </summary>
internal sealed unsafe partial class UserEngine : IEngine
{
    private readonly UserGuest guest;
    private readonly MemoryFile ramFile, machineFile;
    private readonly Machine* machine; // in machineFile, which lives as long as this object
    private readonly TscClock clock = new();
    private readonly List<int> eventFiles = [];
    private StubProcess? template;
    private CpuBalancer? balancer;
    private bool exitTaken;

    private UserEngine(UserGuest guest, ulong ramBytes, RamSource? source)
    {
        this.guest = guest;
        using var files = RamFiles.Open(guest.WantsLargePages ? source is { } only ? [only] : RamFiles.Ways : []);
        ramFile = new MemoryFile("lilyvm-ram", (long)RamHole.EndOf(ramBytes) + guest.SpareRam, files);
        try
        {
            machineFile = new MemoryFile("lilyvm-machine", guest.MachineFileSize, files);
            files.Ask(machineFile, isSmall: true);
            files.Ask(ramFile, isSmall: false);
            RamSource = files.Source;
        }
        catch
        {
            ramFile.Dispose();
            throw;
        }
        machine = (Machine*)(machineFile.Start + guest.MachineOffset);
        Ram = new GuestRam(ramFile.Start, ramBytes, ramFile.Descriptor);
        guest.PlaceLibrary(machineFile.Start, Resource.Read(guest.Library));
    }

    /// <inheritdoc/>
    public string Name => "user";

    /// <inheritdoc/>
    public GuestRam Ram { get; }

    /// <inheritdoc/>
    public RamSource RamSource { get; }

    /// <summary>
    /// Makes an engine for such a guest, with so many bytes of RAM from one source, or from the best, and a level of isolation that the
    /// host has; nothing runs yet.
    /// </summary>
    internal static UserEngine Create(
        GuestArchitecture architecture, ulong ramBytes, IsolationLevel isolation = IsolationLevel.None, RamSource? source = null) =>
        new(UserGuest.Of(architecture, isolation), ramBytes, source);

    /// <inheritdoc/>
    public void Prepare(in StartState start)
    {
        machine->RamEnd = Ram.End;
        EngineExchange.Begin(start, &machine->Start, &machine->Cpuid);
        EngineExchange.Fill(&machine->ProgramCpuid, guest.ProgramCpuid);
        guest.PreparePage(machineFile.Start, start);
        machine->Interrupts.Reset();
        machine->VmProcess = (uint)Environment.ProcessId;
        machine->HostCpu = HostCpu.Choose();
        machine->FpuComponents = HostCpu.StateComponents();
        MappingPolicy.Set(machine);
        machine->RamGrowth = RamSource switch
        {
            RamSource.Advice => RamGrowth.ByTouch,
            RamSource.Collapse => RamGrowth.ByCollapse,
            _ => RamGrowth.ByItself,
        };
        machine->UsesKeys = guest.Isolation == IsolationLevel.Keys ? 1u : 0;
        if (guest.Isolation == IsolationLevel.Process)
            ProgramProcesses.Set(machine);
        ulong frequency = clock.KiloHertz() * 1000ul;
        machine->TscOrigin = HostInstructions.Rdtsc();
        machine->TscMultiplier = TscScale.Multiplier(frequency);
        InitializeFpu(machineFile.Start + guest.FpuOffset);
    }

    /// <inheritdoc/>
    public void PostWrites(AddressKind kind, uint start, uint length)
    {
        // Without room these writes stop the guest, which is slower and not wrong.
        PostedWrites.Allow(&machine->Posted, kind == AddressKind.Port ? AccessKind.PortWrite : AccessKind.DeviceWrite, start, length);
    }

    /// <inheritdoc/>
    public void SignalWrites(uint address, uint value, int descriptor)
    {
        if (EventWrites.Add(&machine->Events, address, value))
            eventFiles.Add(descriptor);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Engines.Counter> ReadCounters()
    {
        var counters = new List<Engines.Counter>();
        foreach (Hypervisor.Shared.User.Counter counter in Enum.GetValues<Hypervisor.Shared.User.Counter>())
        {
            if (counter != Hypervisor.Shared.User.Counter.Count && guest.Counts(counter))
                counters.Add(new Engines.Counter(CounterName.Of(counter.ToString()), Volatile.Read(ref machine->Counters[(int)counter])));
        }
        counters.Add(new Engines.Counter("stubs", machine->StubCount));
        counters.Add(new Engines.Counter("ram-mebibytes-taken", (ulong)(ramFile.TakenBytes() >> 20)));
        counters.Add(new Engines.Counter("ram-in-large-pages", RamSource == RamSource.SmallPages ? 0u : 1));
        counters.AddRange(UnknownMsrCounters.Of(&machine->Exit.UnknownMsrs));
        return counters;
    }

    /// <inheritdoc/>
    public Registers ReadRegisters() => EngineExchange.Read(&machine->Exit.Registers);

    /// <inheritdoc/>
    public void Dispose()
    {
        balancer?.Dispose();
        template?.Dispose();
        machineFile.Dispose();
        ramFile.Dispose();
    }

    // The state after a reset as FXSAVE stores it (SDM vol. 1, table 10-2): FCW and MXCSR with all exceptions masked; the rest is zero.
    private static void InitializeFpu(byte* area)
    {
        *(ushort*)area = 0x37F;
        *(uint*)(area + 24) = 0x1F80;
    }
}
