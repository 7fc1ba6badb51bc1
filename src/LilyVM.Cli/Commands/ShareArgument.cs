namespace LilyVM.Cli.Commands;

/// <summary>The value of --share: DIR[:TAG][,readonly].</summary>
internal static class ShareArgument
{
    private const string ReadOnly = ",readonly";

    /// <summary>Reads the value. A folder's name may hold commas and colons, since what counts stands at the end.</summary>
    internal static ShareOptions Parse(string text)
    {
        bool isReadOnly = text.EndsWith(ReadOnly, StringComparison.Ordinal);
        string place = isReadOnly ? text[..^ReadOnly.Length] : text;
        int colon = place.LastIndexOf(':');
        string folder = colon < 0 ? place : place[..colon], tag = colon < 0 ? "" : place[(colon + 1)..];
        if (folder.Length == 0 || (colon >= 0 && tag.Length == 0))
            throw new LilyVMException($"'{text}' is no shared folder; write --share DIR[:TAG][,readonly].");
        return new ShareOptions(folder, colon < 0 ? Name(folder) : tag, isReadOnly);
    }

    // The root's is that of the place where it is mounted.
    private static string Name(string folder) =>
        Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) is { Length: > 0 } name ? name : "root";
}
