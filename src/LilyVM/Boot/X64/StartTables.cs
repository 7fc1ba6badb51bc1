using System.Buffers.Binary;

namespace LilyVM.Boot.X64;

/// <summary>
/// Page tables for the first instructions of a 64-bit kernel, which is entered with paging on: the first 4 GiB lie where they are, in pages
/// of 2 MiB (Linux: Documentation/arch/x86/boot.rst, "64-bit boot protocol"). The kernel replaces them by its own.
/// </summary>
internal static class StartTables
{
    private const int Directories = 4, Entries = 512, TableSize = 0x1000;
    private const ulong Table = 3, LargePage = 0x83; // present, writable; large
    private const ulong LargeSize = 2 << 20;

    /// <summary>Bytes that they take.</summary>
    internal const uint Size = (2 + Directories) * TableSize;

    /// <summary>The tables for a place in guest physical memory; the root is at its start.</summary>
    internal static byte[] Encode(uint address)
    {
        byte[] tables = new byte[Size];
        Put(tables, 0, 0, (address + TableSize) | Table);
        for (int directory = 0; directory < Directories; directory++)
        {
            Put(tables, 1, directory, (address + (ulong)(2 + directory) * TableSize) | Table);
            for (int entry = 0; entry < Entries; entry++)
                Put(tables, 2 + directory, entry, (ulong)(directory * Entries + entry) * LargeSize | LargePage);
        }
        return tables;
    }

    private static void Put(byte[] tables, int table, int entry, ulong word) =>
        BinaryPrimitives.WriteUInt64LittleEndian(tables.AsSpan(table * TableSize + entry * 8), word);
}
