using Iced.Intel;
using LilyVM.Abi;
using LilyVM.Boot;
using static Iced.Intel.AssemblerRegisters;

namespace LilyVM.Native;

/// <summary>
/// The firmware of a native machine: 64 KiB of ROM that starts a kernel as Linux's 32-bit or 64-bit boot protocol or multiboot asks and
/// does nothing else. QEMU has placed everything in memory already, so neither a BIOS nor a boot loader is needed, and any ELF executable
/// starts alike.
///
/// Before it may lie the VM library, in ROM up to the end of the address space: an IA-32 kernel that is linked at its physical addresses
/// calls there while it is unpaged. One that is linked higher calls the library's copy in RAM, as all do when they are paged.
/// </summary>
internal static class BootRom
{
    internal const int Size = 0x1_0000;

    // At reset CS:IP is F000:FFF0 with CS base 0xFFFF0000 (SDM vol. 3, 10.1.4); the same ROM shows at 0xF0000.
    private const int ResetVector = 0xFFF0, Start16 = 0x100, Start32 = 0x200, Start64 = 0x280, Gdt = 0x300, GdtPointer = 0x340;
    private const uint Low = 0xF_0000;

    // Linux's boot protocols want __BOOT_CS = 0x10 and __BOOT_DS = 0x18. In front of them, 32-bit code on its way to 64 bits.
    private const ushort PassingSelector = 0x08, CodeSelector = 0x10, DataSelector = 0x18;

    private const int PhysicalAddressExtension = 1 << 5; // CR4
    private const uint Paging = 1u << 31; // CR0
    private const int ExtendedFeatures = unchecked((int)0xC000_0080), LongModeEnable = 1 << 8; // IA32_EFER

    /// <summary>
    /// Builds the ROM, with the library's image in front if there is one. The stack need not last: kernels set up their own.
    /// </summary>
    internal static byte[] Build(EntryPoint start, uint stackTop, ReadOnlySpan<byte> library = default)
    {
        byte[] rom = BuildFirmware(start, stackTop);
        if (library.IsEmpty)
            return rom;
        byte[] both = new byte[uint.MaxValue - VmArea.Base + 1];
        library.CopyTo(both);
        rom.CopyTo(both, both.Length - Size);
        return both;
    }

    private static byte[] BuildFirmware(EntryPoint start, uint stackTop)
    {
        byte[] rom = new byte[Size];
        bool isWide = start.PageTables != 0;
        Place(rom, ResetVector, 16, (uint)ResetVector, a => a.jmp((ulong)Start16));
        Place(rom, Start16, 16, (uint)Start16, a =>
        {
            a.cli();
            a.mov(ax, (int)(Low >> 4));
            a.mov(ds, ax);
            a.lgdt(__[GdtPointer]);
            a.mov(eax, cr0);
            a.or(eax, 1);
            a.mov(cr0, eax);
        }, FarJump16(isWide ? PassingSelector : CodeSelector, Low + Start32));
        if (isWide)
            PlaceLongMode(rom, start, stackTop);
        else
            PlaceProtectedMode(rom, start, stackTop);
        WriteGdt(rom, isWide);
        return rom;
    }

    private static void PlaceProtectedMode(byte[] rom, EntryPoint start, uint stackTop) => Place(rom, Start32, 32, Low + Start32, a =>
    {
        LoadDataSegments(a);
        a.mov(esp, stackTop);
        a.mov(eax, start.Eax);
        a.mov(ebx, start.Ebx);
        a.mov(esi, start.Esi);
        foreach (AssemblerRegister32 register in (AssemblerRegister32[])[ebp, edi]) // zero, as Linux's boot protocol asks
            a.xor(register, register);
        a.cld();
        a.jmp(start.Eip);
    });

    // SDM vol. 3, 10.8.5, "Initializing IA-32e Mode".
    private static void PlaceLongMode(byte[] rom, EntryPoint start, uint stackTop)
    {
        Place(rom, Start32, 32, Low + Start32, a =>
        {
            LoadDataSegments(a);
            a.mov(eax, cr4);
            a.or(eax, PhysicalAddressExtension);
            a.mov(cr4, eax);
            a.mov(eax, start.PageTables);
            a.mov(cr3, eax);
            a.mov(ecx, ExtendedFeatures);
            a.rdmsr();
            a.or(eax, LongModeEnable);
            a.wrmsr();
            a.mov(eax, cr0);
            a.or(eax, unchecked((int)Paging));
            a.mov(cr0, eax);
        }, FarJump32(CodeSelector, Low + Start64));
        Place(rom, Start64, 64, Low + Start64, a =>
        {
            a.mov(esp, stackTop); // the upper halves become zero
            a.mov(esi, start.Esi);
            foreach (AssemblerRegister32 register in (AssemblerRegister32[])[ebx, ebp, edi])
                a.xor(register, register);
            a.cld();
            a.mov(eax, start.Eip);
            a.jmp(rax);
        });
    }

    private static void LoadDataSegments(Assembler a)
    {
        a.mov(eax, (uint)DataSelector);
        foreach (AssemblerRegisterSegment segment in (AssemblerRegisterSegment[])[ds, es, ss, fs, gs])
            a.mov(segment, ax);
    }

    private static void WriteGdt(byte[] rom, bool isWide)
    {
        // Flat 4 GiB, DPL 0, with the accessed bit set because the CPU could not set it in a ROM (SDM vol. 3, 3.4.5). Bits 53 and 54:
        // 64-bit or 32-bit code.
        const ulong Code32 = 0x00CF_9B00_0000_FFFF, Code64 = 0x00AF_9B00_0000_FFFF, Data = 0x00CF_9300_0000_FFFF;
        BitConverter.TryWriteBytes(rom.AsSpan(Gdt + PassingSelector), isWide ? Code32 : 0);
        BitConverter.TryWriteBytes(rom.AsSpan(Gdt + CodeSelector), isWide ? Code64 : Code32);
        BitConverter.TryWriteBytes(rom.AsSpan(Gdt + DataSelector), Data);
        BitConverter.TryWriteBytes(rom.AsSpan(GdtPointer), (ushort)(DataSelector + 7));
        BitConverter.TryWriteBytes(rom.AsSpan(GdtPointer + 2), Low + Gdt);
    }

    // jmp ptr16:32 from 16-bit code: operand size prefix, EA, offset, selector. Iced's assembler has no far jump to a number.
    private static byte[] FarJump16(ushort selector, uint offset) => [0x66, .. FarJump32(selector, offset)];

    private static byte[] FarJump32(ushort selector, uint offset) =>
        [0xEA, .. BitConverter.GetBytes(offset), .. BitConverter.GetBytes(selector)];

    private static void Place(byte[] rom, int offset, int bitness, uint address, Action<Assembler> write, byte[]? after = null)
    {
        var assembler = new Assembler(bitness);
        write(assembler);
        using var code = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(code), address);
        byte[] bytes = [.. code.ToArray(), .. after ?? []];
        bytes.CopyTo(rom, offset);
    }
}
