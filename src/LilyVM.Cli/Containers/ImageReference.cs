using System.Globalization;

namespace LilyVM.Cli.Containers;

/// <summary>The name of an image in skopeo's words: TRANSPORT:PLACE (skopeo(1), containers-transports(5)).</summary>
/// <param name="Text">The whole.</param>
internal sealed record ImageReference(string Text)
{
    private const string Layout = "oci:";

    private static readonly string[] Transports = [Layout, "oci-archive:", "docker-archive:", "docker://", "containers-storage:", "dir:"];

    /// <summary>Takes it.</summary>
    /// <exception cref="LilyVMException">It names no transport.</exception>
    internal static ImageReference Parse(string text) =>
        Transports.Any(t => text.StartsWith(t, StringComparison.Ordinal) && text.Length > t.Length)
            ? new ImageReference(text)
            : throw new LilyVMException(
                $"'{text}' does not say where the image is; write oci:FOLDER:TAG, oci-archive:FILE, docker-archive:FILE, " +
                $"docker://{(text.Contains(':') ? "NAME" : text)} or containers-storage:NAME.");

    /// <summary>The digest of an image in a folder, asked without skopeo; null for others, and for one that is not there.</summary>
    internal string? DigestInFolder()
    {
        if (!Text.StartsWith(Layout, StringComparison.Ordinal))
            return null;
        string[] parts = Text[Layout.Length..].Split(':', 2);
        return new OciLayout(parts[0]).Find(parts.Length == 2 ? parts[1] : "");
    }

    /// <summary>What changes when a file with images does; empty for images that are in none.</summary>
    internal string Stamp()
    {
        string place = Text[(Text.IndexOf(':') + 1)..];
        var file = new FileInfo(Text.StartsWith("docker://", StringComparison.Ordinal) ? "/" : place.Split(':')[0]);
        return file.Exists
            ? string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}")
            : "";
    }
}
