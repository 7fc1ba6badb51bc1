using LilyVM.Boot;

namespace LilyVM;

/// <summary>
/// The files that a guest is made of, in memory that goes back to the host when the guest has them. The collector would keep them for long,
/// since a machine that runs allocates next to nothing. Nothing that was read may be used after <see cref="Dispose"/>.
/// </summary>
internal sealed class GuestFiles : IDisposable
{
    private const long Small = 64 << 10; // which a mapping of its own does not pay for

    private readonly List<FileBytes> all = [];

    /// <summary>What kernel file is for which architecture.</summary>
    /// <exception cref="LilyVMException">The file cannot be read, or is no kernel.</exception>
    internal static GuestArchitecture ArchitectureOf(string kernel)
    {
        using var files = new GuestFiles();
        return ConversionNotes.Read(files.ReadElf(kernel)).Architecture;
    }

    /// <summary>Reads an executable.</summary>
    /// <exception cref="LilyVMException">It cannot be read, or is none.</exception>
    internal Elf ReadElf(string path) => Elf.Parse(Read(path), path);

    /// <summary>Reads a file; <paramref name="what"/> goes before its name in a message.</summary>
    /// <exception cref="LilyVMException">It cannot be read; the message says why.</exception>
    internal ReadOnlyMemory<byte> Read(string path, string what = "") => UserFile.Try(path, what, ReadOnlyMemory<byte> () =>
    {
        // Pipes have no length. Of what is too long .NET has a sentence.
        if (new FileInfo(path) is not { Exists: true, Length: > Small and <= int.MaxValue } file)
            return File.ReadAllBytes(path);
        using var handle = File.OpenHandle(path);
        var bytes = new FileBytes(handle, (int)file.Length);
        all.Add(bytes);
        return bytes.Memory;
    });

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        foreach (IDisposable bytes in all)
            bytes.Dispose();
        all.Clear();
    }
}
