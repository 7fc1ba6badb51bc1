using LilyVM.Abi;
using LilyVM.Boot;
using LilyVM.Engines.Common;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Shared;
using LilyVM.Hypervisor.Shared.User;
using LilyVM.Memory;

namespace LilyVM.Engines.User;

/// <summary>
/// The conventional engine: the guest runs in ordinary processes, the stubs, with nobody's help in the host's kernel. This side of it owns the memory,
/// starts the first stub, and answers exits.
/// </summary>
internal sealed unsafe partial class UserEngine : IEngine
{
    private const string Library = "vmlib.user.bin";
    private readonly MemoryFile ramFile, machineFile;
    private readonly Machine* machine; // in machineFile, which lives as long as this object
    private readonly TscClock clock = new();
    private StubProcess? template;
    private CpuBalancer? balancer;
    private bool exitTaken;

    private UserEngine(uint ramBytes)
    {
        ramFile = new MemoryFile("lilyvm-ram", ramBytes);
        try
        {
            machineFile = new MemoryFile("lilyvm-machine", Layout.MachineFileSize);
        }
        catch
        {
            ramFile.Dispose();
            throw;
        }
        machine = (Machine*)(machineFile.Start + Layout.MachineOffset);
        Ram = new GuestRam(ramFile.Start, ramBytes);
        Resource.Read(Library).CopyTo(new Span<byte>(machineFile.Start, (int)VmArea.LibrarySize));
    }

    /// <inheritdoc/>
    public string Name => "user";

    /// <inheritdoc/>
    public GuestRam Ram { get; }

    // The vCPU page, which guest, stubs and this process share.
    private VcpuPage* Page => (VcpuPage*)(machineFile.Start + (VmArea.Vcpu - VmArea.Base));

    /// <summary>Makes an engine with so many bytes of guest RAM; nothing runs yet.</summary>
    internal static UserEngine Create(uint ramBytes) => new(ramBytes);

    /// <inheritdoc/>
    public void Prepare(in StartState start)
    {
        const uint ProtectedMode = 0x11; // CR0.PE and ET
        machine->RamSize = Ram.Size;
        EngineExchange.Begin(start, &machine->Start, &machine->Cpuid);
        VcpuPage* page = Page;
        page->AbiVersion = VmArea.AbiVersion;
        page->Image = (uint)LibraryImage.User;
        page->Cr0 = ProtectedMode;
        page->Cs = start.Selectors.Code;
        page->Ss = page->Ds = page->Es = start.Selectors.Data;
        page->IdtLimit = 0;
        machine->Interrupts.Reset();
        machine->VmProcess = (uint)Environment.ProcessId;
        machine->HostCpu = HostCpu.Choose();
        machine->FpuComponents = HostCpu.StateComponents();
        ulong frequency = clock.KiloHertz() * 1000ul;
        machine->TscOrigin = HostInstructions.Rdtsc();
        machine->TscMultiplier = TscScale.Multiplier(frequency);
        InitializeFpu(machineFile.Start + Layout.FpuOffset);
    }

    /// <inheritdoc/>
    public void PostWrites(AddressKind kind, uint start, uint length)
    {
        // Without room these writes stop the guest, which is slower and not wrong.
        PostedWrites.Allow(&machine->Posted, kind == AddressKind.Port ? AccessKind.PortWrite : AccessKind.DeviceWrite, start, length);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Engines.Counter> ReadCounters()
    {
        var counters = new List<Engines.Counter>();
        foreach (Hypervisor.Shared.User.Counter counter in Enum.GetValues<Hypervisor.Shared.User.Counter>())
        {
            if (counter != Hypervisor.Shared.User.Counter.Count)
                counters.Add(new Engines.Counter(CounterName.Of(counter.ToString()), Volatile.Read(ref machine->Counters[(int)counter])));
        }
        counters.Add(new Engines.Counter("stubs", machine->StubCount));
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
