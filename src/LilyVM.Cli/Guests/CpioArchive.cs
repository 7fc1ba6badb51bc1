using System.Text;

namespace LilyVM.Cli.Guests;

/// <summary>
/// Writes what Linux unpacks as initramfs: cpio "newc" records (Documentation/driver-api/early-userspace/buffer-format.rst in the kernel
/// source). Own code because it can hold device nodes without root, and gives the same bytes every time: times are 0, owners root, numbers
/// in order.
/// </summary>
internal sealed class CpioArchive(Stream output)
{
    private const uint Folder = 0x4000, File = 0x8000, Character = 0x2000, Link = 0xA000;
    private uint inode;

    /// <summary>Makes one in memory.</summary>
    internal static byte[] Make(Action<CpioArchive> add)
    {
        using var bytes = new MemoryStream();
        var archive = new CpioArchive(bytes);
        add(archive);
        archive.End();
        return bytes.ToArray();
    }

    /// <summary>Adds a folder; parents come first.</summary>
    internal void AddFolder(string path) => Write(path, Folder | 0x1ED, []); // 0755

    /// <summary>Adds a file.</summary>
    internal void AddFile(string path, ReadOnlySpan<byte> content, bool executable) =>
        Write(path, File | (executable ? 0x1EDu : 0x1A4u), content); // 0755, 0644

    /// <summary>Adds a symbolic link.</summary>
    internal void AddLink(string path, string target) => Write(path, Link | 0x1FF, Encoding.UTF8.GetBytes(target)); // 0777

    /// <summary>Adds a character device.</summary>
    internal void AddCharacterDevice(string path, uint major, uint minor) => Write(path, Character | 0x180, [], major, minor); // 0600

    /// <summary>Ends the archive; another may follow, and the kernel unpacks both.</summary>
    internal void End() => Write("TRAILER!!!", 0, []);

    private void Write(string path, uint mode, ReadOnlySpan<byte> content, uint major = 0, uint minor = 0)
    {
        byte[] name = [.. Encoding.UTF8.GetBytes(path), 0];
        // Inode, mode, uid, gid, links, mtime, size, device of the file (2), device that it is (2), length of the name, check (unused).
        uint[] fields = [++inode, mode, 0, 0, 1, 0, (uint)content.Length, 0, 0, major, minor, (uint)name.Length, 0];
        var header = new StringBuilder("070701");
        foreach (uint field in fields)
            header.Append(field.ToString("X8", System.Globalization.CultureInfo.InvariantCulture));
        byte[] head = [.. Encoding.ASCII.GetBytes(header.ToString()), .. name];
        output.Write(head);
        Pad(head.Length);
        output.Write(content);
        Pad(content.Length);
    }

    private void Pad(int length) => output.Write(new byte[-length & 3]);
}
