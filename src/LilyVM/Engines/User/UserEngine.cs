using LilyVM.Abi;
using LilyVM.Boot;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Guest;
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
        const uint ProtectedMode = 0x11, Reserved = 2; // CR0.PE and ET; bit 1 of EFLAGS
        Vcpu* cpu = &machine->Vcpu;
        cpu->Ip = start.Eip;
        cpu->Ax = start.Eax;
        cpu->Bx = start.Ebx;
        cpu->Si = start.Esi;
        cpu->Sp = start.Esp;
        cpu->Flags = Reserved;
        cpu->Cr0 = ProtectedMode;
        cpu->Xcr0 = 1;
        cpu->CopiesInLdt = Layout.OwnPlaces;
        cpu->Ram = (byte*)Layout.Ram; // as stubs see it
        cpu->RamSize = Ram.Size;
        cpu->Page = (VcpuPage*)(Layout.MachineFile + (VmArea.Vcpu - VmArea.Base));
        VcpuPage* page = Page;
        page->AbiVersion = VmArea.AbiVersion;
        page->Image = (uint)LibraryImage.User;
        page->Cr0 = ProtectedMode;
        page->Cs = start.Selectors.Code;
        page->Ss = page->Ds = page->Es = start.Selectors.Data;
        page->IdtLimit = 0;
        SetCpuid(start.Cpuid);
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
        uint index = machine->PostedRangeCount;
        if (index == Machine.PostedRangeCapacity)
            return; // these writes stop the guest, which is slower and not wrong
        uint* range = machine->PostedRanges + index * 3;
        range[0] = kind == AddressKind.Port ? 0u : 1u;
        range[1] = start;
        range[2] = length;
        machine->PostedRangeCount = index + 1;
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
        counters.AddRange(UnknownMsrCounters.Of(&machine->Vcpu.UnknownMsrs));
        return counters;
    }

    /// <inheritdoc/>
    public Registers ReadRegisters()
    {
        Vcpu* cpu = &machine->Vcpu;
        VcpuPage* page = Page;
        uint flags = (cpu->Flags & ~0x200u) | (page->InterruptFlag & 0x200) | cpu->VirtualFlags;
        return new Registers(
            [cpu->Ax, cpu->Cx, cpu->Dx, cpu->Bx, cpu->Sp, cpu->Bp, cpu->Si, cpu->Di], cpu->Ip, flags, page->Cs, [cpu->Cr0, page->Cr2, cpu->Cr3, cpu->Cr4]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        balancer?.Dispose();
        template?.Dispose();
        machineFile.Dispose();
        ramFile.Dispose();
    }

    private void SetCpuid(IReadOnlyList<CpuidEntry> entries)
    {
        if (entries.Count > CpuidTable.Capacity)
            throw new ArgumentException($"CPUID has {entries.Count} leaves; {CpuidTable.Capacity} fit.", nameof(entries));
        CpuidTable* table = &machine->Vcpu.Cpuid;
        table->Count = (uint)entries.Count;
        for (int i = 0; i < entries.Count; i++)
            *CpuidTable.At(table, (uint)i) = entries[i];
    }

    // The state after a reset as FXSAVE stores it (SDM vol. 1, table 10-2): FCW and MXCSR with all exceptions masked; the rest is zero.
    private static void InitializeFpu(byte* area)
    {
        *(ushort*)area = 0x37F;
        *(uint*)(area + 24) = 0x1F80;
    }
}
