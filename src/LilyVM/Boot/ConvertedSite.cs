using System.Buffers.Binary;

namespace LilyVM.Boot;

/// <summary>
/// An inline site of either architecture (<see cref="Abi.InlineSite"/>, <see cref="Abi.X64.InlineSite"/>): a place where the preprocessor
/// put something that a machine which runs the kernel in ring 0 cannot use, with the instructions that stood there.
/// </summary>
/// <param name="Address">Guest virtual address of the first byte.</param>
/// <param name="Length">Length of the place in bytes.</param>
/// <param name="OriginalLength">Length of the original instructions in bytes.</param>
/// <param name="Original">Their bytes, the first one lowest.</param>
public readonly record struct ConvertedSite(ulong Address, byte Length, byte OriginalLength, ulong Original)
{
    /// <summary>The original instructions.</summary>
    public byte[] OriginalBytes() => BitConverter.GetBytes(Original)[..Math.Min((int)OriginalLength, sizeof(ulong))];

    /// <summary>
    /// Reads one from a note. Both formats are an address, the two lengths in a byte each, and original bytes up to twice the address's
    /// size.
    /// </summary>
    internal static ConvertedSite Read(ReadOnlySpan<byte> record, GuestArchitecture architecture)
    {
        int at = architecture.Bits / 8;
        ulong address = at == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(record) : BinaryPrimitives.ReadUInt32LittleEndian(record);
        ulong original = 0;
        for (int i = architecture.SiteSize - 1; i >= at + 2; i--)
            original = original << 8 | record[i];
        return new ConvertedSite(address, record[at], record[at + 1], original);
    }
}
