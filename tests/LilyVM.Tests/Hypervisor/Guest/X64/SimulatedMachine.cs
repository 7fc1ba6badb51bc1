extern alias X64;

using LilyVM.Abi.X64;
using X64::LilyVM.Hypervisor.Guest;

namespace LilyVM.Tests.Hypervisor.Guest.X64;

/// <summary>
/// A vCPU in 64-bit mode at CPL 0 on simulated memory: its 2 MiB of RAM are mapped where they are, to all levels, by pages of 4 KiB; a flat
/// GDT, and an IDT whose gates lead to <see cref="Handler"/>. Safe: nothing outside this memory is given to the core.
/// </summary>
internal sealed unsafe partial class SimulatedMachine : IDisposable
{
    public const uint Gdt = 0x1000, Idt = 0x2000, Code = 0x4000, Tss = 0x5000, Data = 0x6000, StackTop = 0x7000, RamSize = 0x20_0000;

    /// <summary>Page tables, from the root to the last.</summary>
    public const uint Root = 0x10_0000, Pointers = 0x10_1000, Directory = 0x10_2000, Table = 0x10_3000;

    /// <summary>Selectors; the TSS takes two entries.</summary>
    public const uint KernelCode = 0x08, KernelData = 0x10, UserCode32 = 0x1B, UserData = 0x23, UserCode = 0x2B, TaskState = 0x30;

    private readonly SimulatedMemory memory = new(RamSize, sizeof(Vcpu));

    public SimulatedMachine()
    {
        Cpu->Page = (VcpuPage*)memory.Page;
        Cpu->Ram = memory.Ram;
        Cpu->RamEnd = RamSize;
        (Cpu->Cr0, Cpu->Cr3, Cpu->Cr4, Cpu->Efer) = (0x8001_0011, Root, 0x20, 0xD01); // PG, WP, ET, PE; PAE; NXE, LMA, LME, SCE
        (Cpu->Sp, Cpu->Ip, Cpu->Flags, Cpu->Page->Flags) = (StackTop, Code, 2, 2);
        (Cpu->GdtBase, Cpu->GdtLimit, Cpu->Page->IdtBase, Cpu->Page->IdtLimit) = (Gdt, 0xFF, Idt, 0xFFF);
        (Cpu->Tr, Cpu->TssBase, Cpu->TssLimit) = (TaskState, Tss, 0x67);
        Cpu->Page->Cs = KernelCode;
        Cpu->Page->Ss = Cpu->Page->Ds = Cpu->Page->Es = KernelData;
        Write(Gdt, 0, 0x00AF9B000000FFFF, 0x00CF93000000FFFF, 0x00CFFB000000FFFF, 0x00CFF3000000FFFF, 0x00AFFB000000FFFF,
            0x0000890050000067, 0);
        for (uint vector = 0; vector < 256; vector++)
            Gate(vector, KernelCode, Handler(vector), InterruptGate);
        Write(Root, Pointers | 7);
        Write(Pointers, Directory | 7);
        Write(Directory, Table | 7);
        for (uint page = 0; page < 512; page++)
            Write(Table + 8 * page, page << 12 | 7);
    }

    public Vcpu* Cpu => (Vcpu*)memory.Cpu;

    public static uint Handler(uint vector) => 0x8000 + 16 * vector;

    public ulong Word(ulong address) => *(ulong*)(memory.Ram + address);

    public ulong[] Words(ulong address, int count) => new Span<ulong>(memory.Ram + address, count).ToArray();

    public void Write(ulong address, params ulong[] words) =>
        new ReadOnlySpan<ulong>(words).CopyTo(new Span<ulong>(memory.Ram + address, words.Length));

    /// <summary>Takes a page away from all levels.</summary>
    public void Unmap(uint page) => Write(Table + 8 * (page >> 12), 0);

    public void Dispose() => memory.Dispose();
}
