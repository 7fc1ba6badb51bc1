namespace LilyVM.Daemons;

/// <summary>A format of disk images that qemu-storage-daemon knows.</summary>
/// <param name="Name">QEMU's name.</param>
/// <param name="Offset">Where its mark stands; null if a file is never taken for it without being named.</param>
/// <param name="Mark">The mark.</param>
internal sealed record ImageFormat(string Name, int? Offset, byte[] Mark)
{
    /// <summary>The format that is all of the file.</summary>
    internal const string Raw = "raw";

    /// <summary>The word for a look into the file.</summary>
    internal const string Auto = "auto";

    private const int LookAt = 512;

    /// <summary>
    /// All of them, by the marks that QEMU's own drivers look for (block/*.c, the functions that probe). Those that stand at the end of a
    /// file only, or in text, are not looked for.
    /// </summary>
    internal static IReadOnlyList<ImageFormat> All { get; } =
    [
        new("qcow2", 0, [.. "QFI"u8, 0xFB, 0, 0, 0, 2]),
        new("qcow2", 0, [.. "QFI"u8, 0xFB, 0, 0, 0, 3]),
        new("qcow", 0, [.. "QFI"u8, 0xFB, 0, 0, 0, 1]),
        new("qed", 0, [.. "QED"u8, 0]),
        new("vmdk", 0, "KDMV"u8.ToArray()),
        new("vmdk", 0, "COWD"u8.ToArray()),
        new("vmdk", 0, "# Disk DescriptorFile"u8.ToArray()),
        new("vdi", 64, [0x7F, 0x10, 0xDA, 0xBE]),
        new("vhdx", 0, "vhdxfile"u8.ToArray()),
        new("vpc", 0, "conectix"u8.ToArray()),
        new("parallels", 0, "WithoutFreeSpace"u8.ToArray()),
        new("parallels", 0, "WithouFreSpacExt"u8.ToArray()),
        new("luks", 0, [.. "LUKS"u8, 0xBA, 0xBE]),
        new("bochs", 0, "Bochs Virtual HD Image"u8.ToArray()),
        new("cloop", null, []),
        new("dmg", null, []),
    ];

    /// <summary>Names of all of them, for people.</summary>
    internal static string Names => string.Join(", ", All.Select(f => f.Name).Distinct());

    /// <summary>Refuses a name that is none.</summary>
    internal static void Check(string name)
    {
        if (name is not (Raw or Auto) && !All.Any(f => f.Name == name))
            throw new LilyVMException(
                $"The disk format '{name}' is unknown; there are {Raw}, {Names}, and {Auto}, which looks into the file.");
    }

    /// <summary>What a file is, by its mark; <see cref="Raw"/> if it has none.</summary>
    internal static string Probe(string path)
    {
        byte[] start = UserFile.Try(path, "the disk image ", () =>
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[LookAt];
            return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        });
        return All.FirstOrDefault(f => f.Offset is { } at && start.AsSpan(Math.Min(at, start.Length)).StartsWith(f.Mark))?.Name ?? Raw;
    }
}
