using System.Security.Cryptography;
using System.Text;

namespace LilyVM.Cli.Guests;

/// <summary>Collects what a build depends on; equal inputs give equal keys on any machine.</summary>
internal sealed class CacheKey : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Adds a named value.</summary>
    internal CacheKey Add(string name, string value) => Add(name, Encoding.UTF8.GetBytes(value));

    /// <summary>Adds a file under a name, or all files of a folder.</summary>
    internal CacheKey AddFiles(string name, string path)
    {
        if (!Directory.Exists(path))
            return Add(name, File.ReadAllBytes(path));
        foreach (string file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            Add($"{name}/{Path.GetRelativePath(path, file)}", File.ReadAllBytes(file));
        return this;
    }

    /// <inheritdoc/>
    public void Dispose() => hash.Dispose();

    /// <summary>The key: 16 hexadecimal digits, plenty to tell builds apart.</summary>
    public override string ToString() => Convert.ToHexStringLower(hash.GetCurrentHash().AsSpan(0, 8));

    // Lengths, so that no two different sequences give the same bytes.
    private CacheKey Add(string name, ReadOnlySpan<byte> value)
    {
        hash.AppendData(Encoding.UTF8.GetBytes($"{name.Length} {name} {value.Length}\n"));
        hash.AppendData(value);
        return this;
    }
}
