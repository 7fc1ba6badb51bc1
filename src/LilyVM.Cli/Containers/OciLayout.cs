using System.Text.Json;

namespace LilyVM.Cli.Containers;

/// <summary>A folder that holds images (github.com/opencontainers/image-spec, image-layout.md), read only.</summary>
/// <param name="Folder">The folder.</param>
internal sealed record OciLayout(string Folder)
{
    private const string TagAnnotation = "org.opencontainers.image.ref.name", HashName = "sha256:";

    /// <summary>The digest of the image of that tag, or of the only one; null if there is none such.</summary>
    internal string? Find(string tag)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "index.json")));
            List<JsonElement> images = [.. document.RootElement.GetProperty("manifests").EnumerateArray()];
            List<JsonElement> found = tag.Length == 0 ? images : [.. images.Where(i => Tag(i) == tag)];
            return found is [var image] && image.GetProperty("digest").GetString() is { } digest && IsDigest(digest) ? digest : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException
            or InvalidOperationException)
        {
            return null; // skopeo says why
        }
    }

    /// <summary>The configuration of an image.</summary>
    internal byte[] ReadConfiguration(string digest)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Blob(digest)));
        return File.ReadAllBytes(Blob(manifest.RootElement.GetProperty("config").GetProperty("digest").GetString()!));
    }

    private static string? Tag(JsonElement image) =>
        image.TryGetProperty("annotations", out JsonElement all) && all.TryGetProperty(TagAnnotation, out JsonElement tag)
            ? tag.GetString()
            : null;

    private static bool IsDigest(string text) => text.StartsWith(HashName, StringComparison.Ordinal)
        && text.Length == HashName.Length + 64 && text[HashName.Length..].All(char.IsAsciiHexDigitLower);

    private string Blob(string digest) => IsDigest(digest)
        ? Path.Combine(Folder, "blobs", "sha256", digest[HashName.Length..])
        : throw new LilyVMException($"The image names a part '{digest}', which is no SHA-256 digest; make the image anew.");
}
