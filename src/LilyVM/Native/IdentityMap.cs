using System.Buffers.Binary;

namespace LilyVM.Native;

/// <summary>
/// Page tables that map the lowest 4 GiB where they are, in pages of 2 MiB: what Linux's 64-bit boot protocol asks for, and the address at which the VM
/// library is called before the kernel has tables of its own. Format: SDM vol. 3, 4.5.
/// </summary>
internal static class IdentityMap
{
    /// <summary>Bytes: one table of each upper level, and a directory for each GiB.</summary>
    internal const uint Size = (2 + Directories) * PageSize;

    private const uint PageSize = 0x1000, Directories = 4, Entries = 512;
    private const ulong PresentWritable = 3, Large = 1 << 7, LargeSize = 2 << 20;

    /// <summary>The tables, to be placed at a guest physical address; the root comes first.</summary>
    internal static byte[] Build(uint address)
    {
        byte[] tables = new byte[Size];
        void Write(uint table, uint entry, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(tables.AsSpan((int)(table * PageSize + entry * 8)), value);
        Write(0, 0, address + PageSize | PresentWritable);
        for (uint directory = 0; directory < Directories; directory++)
        {
            Write(1, directory, address + (2 + directory) * PageSize | PresentWritable);
            for (uint entry = 0; entry < Entries; entry++)
                Write(2 + directory, entry, (directory * Entries + entry) * LargeSize | Large | PresentWritable);
        }
        return tables;
    }
}
