using System.Buffers.Text;
using System.IO.Compression;
using System.Text;

namespace LilyVM.Boot;

/// <summary>
/// What files a RAM disk holds: "newc" records of cpio archives that follow each other, plain or compressed by gzip, as Linux unpacks them
/// (Documentation/driver-api/early-userspace/buffer-format.rst). What cannot be read is left out: the kernel judges it.
/// </summary>
internal sealed class CpioIndex
{
    private const int HeaderSize = 110, MagicSize = 6, FieldSize = 8, ModeField = 1, SizeField = 6, NameField = 11;
    private const uint FormatMask = 0xF000, Link = 0xA000;
    private const int MostLinks = 8;

    private readonly Dictionary<string, (uint Mode, ReadOnlyMemory<byte> Content)> files = new(StringComparer.Ordinal);

    /// <summary>Reads it.</summary>
    internal CpioIndex(ReadOnlyMemory<byte> ramdisk)
    {
        ReadOnlyMemory<byte> rest = Unpacked(ramdisk);
        while (true)
        {
            int zeros = rest.Span.IndexOfAnyExcept((byte)0); // between archives
            if (zeros < 0)
                return;
            rest = rest[zeros..];
            if (ReadRecord(rest) is not { } size)
                return;
            rest = rest[Math.Min(size, rest.Length)..];
        }
    }

    /// <summary>The content of a file, symbolic links followed; null if there is none.</summary>
    internal ReadOnlyMemory<byte>? Find(string path)
    {
        string at = path.TrimStart('/');
        for (int links = 0; links <= MostLinks && files.TryGetValue(at, out (uint Mode, ReadOnlyMemory<byte> Content) file); links++)
        {
            if ((file.Mode & FormatMask) != Link)
                return file.Content;
            string target = Encoding.UTF8.GetString(file.Content.Span).TrimEnd('\0');
            string folder = at.Contains('/', StringComparison.Ordinal) ? at[..at.LastIndexOf('/')] : "";
            at = Path.GetFullPath(Path.Combine("/" + folder, target)).TrimStart('/');
        }
        return null;
    }

    private static ReadOnlyMemory<byte> Unpacked(ReadOnlyMemory<byte> ramdisk)
    {
        if (!ramdisk.Span.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return ramdisk;
        using var unpacked = new MemoryStream();
        try
        {
            using var gzip = new GZipStream(new MemoryStream(ramdisk.ToArray()), CompressionMode.Decompress);
            gzip.CopyTo(unpacked);
        }
        catch (InvalidDataException)
        {
            // What was read until then counts.
        }
        return unpacked.ToArray();
    }

    // The size of a record with its padding, up to multiples of 4; null if it is none.
    private int? ReadRecord(ReadOnlyMemory<byte> record)
    {
        ReadOnlySpan<byte> bytes = record.Span;
        bool known = bytes.Length >= HeaderSize && (bytes.StartsWith("070701"u8) || bytes.StartsWith("070702"u8));
        if (!known || Field(bytes, ModeField) is not { } mode || Field(bytes, SizeField) is not { } size
            || Field(bytes, NameField) is not { } nameSize)
            return null;
        long content = (HeaderSize + (long)nameSize + 3) & ~3L, end = content + size;
        if (end > bytes.Length)
            return null;
        string name = Encoding.UTF8.GetString(bytes.Slice(HeaderSize, (int)nameSize)).TrimEnd('\0');
        files[name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name.TrimStart('/')] = (mode, record[(int)content..(int)end]);
        return (int)Math.Min((end + 3) & ~3L, int.MaxValue);
    }

    private static uint? Field(ReadOnlySpan<byte> record, int number) =>
        Utf8Parser.TryParse(record.Slice(MagicSize + number * FieldSize, FieldSize), out uint value, out int used, 'x') && used == FieldSize
        ? value : null;
}
