namespace LilyVM.Engines;

/// <summary>
/// A way to run a guest's instructions. The VM process calls <see cref="Run"/> in a loop from one thread; all else may be called from any
/// thread.
/// </summary>
public interface IEngine : IDisposable
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>Guest RAM, shared with the engine.</summary>
    Memory.GuestRam Ram { get; }

    /// <summary>How guest RAM comes from the host.</summary>
    RamSource RamSource => RamSource.SmallPages;

    /// <summary>Sets where the guest starts and what CPUID tells it. Called once, before the first <see cref="Run"/>.</summary>
    void Prepare(in StartState start);

    /// <summary>
    /// Finishes the previous exit, with <see cref="Exit.Value"/> as what a read returned, and lets the guest run until it needs the VM
    /// process again.
    /// </summary>
    /// <exception cref="LilyVMException">The host refuses what the engine needs; the guest has not run.</exception>
    void Run(ref Exit exit);

    /// <summary>Sets the level of an input of the interrupt controllers. A rise is never lost, even if the line falls at once.</summary>
    /// <param name="line">0 to 15.</param>
    /// <param name="level">Whether it asks for an interrupt.</param>
    void SetInterruptLine(int line, bool level);

    /// <summary>
    /// Makes <see cref="Run"/> return with <see cref="ExitReason.Stopped"/> soon, the one that runs now or else the next. The guest may
    /// be run again after it. A guest that has got at its engine and keeps it from stopping is ended: that is a failure.
    /// </summary>
    void Stop();

    /// <summary>What the engine counted so far, by name in the order of display: signals, mappings, exits and so on.</summary>
    IReadOnlyList<Counter> ReadCounters();

    /// <summary>The guest's registers, right while <see cref="Run"/> is not running.</summary>
    Registers ReadRegisters();

    /// <summary>
    /// Writes to this range may be queued, so that they do not stop the guest; they come as exits of their own before any later one.
    /// </summary>
    void PostWrites(AddressKind kind, uint start, uint length);

    /// <summary>
    /// 32-bit writes of this value to this guest physical address may signal an event file instead, and are no exits then. Called before
    /// the first <see cref="Run"/>; an engine that cannot do it lets them come as exits.
    /// </summary>
    /// <param name="address">Guest physical address of a device's register.</param>
    /// <param name="value">The value.</param>
    /// <param name="descriptor">The event file, eventfd(2), which stays open while the engine lives.</param>
    void SignalWrites(uint address, uint value, int descriptor)
    {
    }
}

/// <summary>Ports or guest physical addresses.</summary>
public enum AddressKind
{
    /// <summary>I/O ports.</summary>
    Port,

    /// <summary>Guest physical memory.</summary>
    Memory,
}

/// <summary>A number that an engine counts.</summary>
/// <param name="Name">Short name, lower case, words joined by hyphens.</param>
/// <param name="Value">Count.</param>
public readonly record struct Counter(string Name, ulong Value);

/// <summary>
/// State of the virtual CPU at its first instruction, interrupts off: of an IA-32 guest 32-bit protected mode with flat segments and
/// without paging; of an x86-64 guest 64-bit mode with the first 4 GiB mapped where they are. Registers without a letter are EIP or RIP
/// and so on.
/// </summary>
/// <param name="Ip">Address of the first instruction.</param>
/// <param name="Si">Linux: physical address of the zero page.</param>
/// <param name="Ax">Multiboot: its magic.</param>
/// <param name="Bx">Multiboot: its information.</param>
/// <param name="Sp">A stack that the guest may use before it sets up its own; the library's calls need one.</param>
/// <param name="Cpuid">All leaves that CPUID answers; others return zeros.</param>
public readonly record struct StartState(ulong Ip, ulong Si, ulong Ax, ulong Bx, ulong Sp, IReadOnlyList<Hypervisor.CpuidEntry> Cpuid)
{
    /// <summary>x86-64: guest physical address of the root page table (CR3); else 0.</summary>
    public ulong PageTables { get; init; }

    /// <summary>
    /// Selectors of CS, and of DS, ES and SS, all of them flat though no table is loaded yet: what Linux's boot protocols ask for; for a
    /// multiboot kernel of IA-32, to which any will do, QEMU's, since kernels that keep them without loading them from their own table
    /// were tried there.
    /// </summary>
    public (uint Code, uint Data) Selectors => Ax == Boot.MultibootInfo.LoaderMagic && PageTables == 0 ? (0x08u, 0x10u) : (0x10u, 0x18u);
}

/// <summary>The guest's registers, for people to read.</summary>
/// <param name="Bits">The guest's architecture: 32 or 64.</param>
/// <param name="General">EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI; with 64 bits, RAX and so on, and R8 to R15.</param>
/// <param name="Ip">Instruction pointer.</param>
/// <param name="Flags">Flags as the guest sees them.</param>
/// <param name="Cs">Selector of the code segment as the guest sees it.</param>
/// <param name="Control">CR0, CR2, CR3, CR4.</param>
public sealed record Registers(int Bits, IReadOnlyList<ulong> General, ulong Ip, ulong Flags, uint Cs, IReadOnlyList<ulong> Control);
