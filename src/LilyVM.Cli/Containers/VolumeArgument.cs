using System.Globalization;

namespace LilyVM.Cli.Containers;

/// <summary>The value of -v, as docker takes it: HOST:GUEST[:ro], folders both.</summary>
internal static class VolumeArgument
{
    private static int count; // of this command's; each folder has a tag of its own

    /// <summary>Reads it.</summary>
    /// <returns>What the machine shares, and where the container finds it.</returns>
    /// <exception cref="LilyVMException">It is not understood, or the folder is no folder.</exception>
    internal static (ShareOptions Share, string Place) Parse(string text)
    {
        string[] parts = text.Split(':');
        bool isGood = parts.Length is 2 or 3 && parts[0].Length > 0 && parts[1].StartsWith('/')
            && (parts.Length == 2 || parts[2] is "ro" or "rw");
        if (!isGood)
            throw new LilyVMException($"'{text}' is no shared folder; write -v HOST:GUEST or -v HOST:GUEST:ro, the second a whole path.");
        if (!parts[0].Contains('/') && parts[0] != ".")
            throw new LilyVMException($"There are no named volumes, such as '{parts[0]}'; give a folder, ./{parts[0]}.");
        string tag = string.Create(CultureInfo.InvariantCulture, $"volume{Interlocked.Increment(ref count)}");
        return (new ShareOptions(parts[0], tag, ReadOnly: parts is [_, _, "ro"]), parts[1]);
    }
}
