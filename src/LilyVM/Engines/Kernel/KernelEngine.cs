using LilyVM.Abi;
using LilyVM.Boot;
using LilyVM.Engines.Common;
using LilyVM.Engines.User;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Shared;
using LilyVM.Hypervisor.Shared.Kernel;
using LilyVM.Memory;

namespace LilyVM.Engines.Kernel;

/// <summary>
/// The composite engine: the guest runs under the kernel hypervisor, in ring 0 beside the host's kernel, which the kernel module enters; or
/// in ring 0 of a KVM guest. This side of it owns the memory and answers exits; to the host, the guest is a process that called its device.
/// </summary>
internal sealed unsafe partial class KernelEngine : IEngine
{
    private const string Library = "vmlib.kernel.bin";
    private const uint PageSize = 4096, RamPagesPerTable = 16, LeastTables = 512;
    private readonly MemoryFile ramFile;
    private readonly IHypervisorHost host;
    private readonly RunRecord* record; // the host's, which lives as long as this object
    private readonly TscClock clock = new();

    private KernelEngine(IHypervisorHost host, MemoryFile ramFile, KernelMmu mmu, KernelFpu fpu)
    {
        this.host = host;
        this.ramFile = ramFile;
        var ramBytes = (uint)ramFile.Size;
        Ram = new GuestRam(ramFile.Start, ramBytes, ramFile.Descriptor);
        host.Create(ramFile.Start, ramBytes, Math.Clamp(ramBytes / PageSize / RamPagesPerTable, LeastTables, KernelLayout.MaxPoolPages));
        record = host.Record;
        record->Mmu = (MmuPolicy)mmu;
        record->Fpu = (FpuPolicy)fpu;
        Resource.Read(Library).CopyTo(new Span<byte>(host.Area, (int)VmArea.LibrarySize));
    }

    /// <inheritdoc/>
    public string Name => host.EngineName;

    /// <inheritdoc/>
    public GuestRam Ram { get; }

    /// <summary>Makes an engine with so many bytes of guest RAM, which owns its host; nothing runs yet.</summary>
    internal static KernelEngine Create(IHypervisorHost host, ulong ramBytes, KernelMmu mmu, KernelFpu fpu)
    {
        MemoryFile? ram = null;
        try
        {
            ram = new MemoryFile("lilyvm-ram", (long)ramBytes);
            return new KernelEngine(host, ram, mmu, fpu);
        }
        catch
        {
            host.Dispose();
            ram?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Prepare(in StartState start)
    {
        EngineExchange.Begin(start, &record->Start, &record->Cpuid);
        Ia32FirstPage.Fill((VcpuPage*)(host.Area + (VmArea.Vcpu - VmArea.Base)), LibraryImage.Kernel, start);
        ulong frequency = clock.KiloHertz() * 1000ul;
        record->TscOrigin = host.ReadTsc();
        record->TscMultiplier = TscScale.Multiplier(frequency);
    }

    /// <summary>Writes to ports are queued; those to devices in memory are exits, because a device wants to know at once.</summary>
    public void PostWrites(AddressKind kind, uint start, uint length)
    {
        if (kind == AddressKind.Port)
            // Without room they stop the guest, which is slower and not wrong.
            PostedWrites.Allow(&record->Posted, AccessKind.PortWrite, start, length);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Engines.Counter> ReadCounters()
    {
        var counters = new List<Engines.Counter>();
        foreach (KernelCounter counter in Enum.GetValues<KernelCounter>())
        {
            if (counter != KernelCounter.Count)
                counters.Add(new Engines.Counter(CounterName.Of(counter.ToString()), Volatile.Read(ref record->Counters[(int)counter])));
        }
        counters.AddRange(UnknownMsrCounters.Of(&record->Exit.UnknownMsrs));
        return counters;
    }

    /// <inheritdoc/>
    public Registers ReadRegisters() => EngineExchange.Read(&record->Exit.Registers);

    /// <inheritdoc/>
    public void Dispose()
    {
        host.Dispose();
        ramFile.Dispose();
    }
}
