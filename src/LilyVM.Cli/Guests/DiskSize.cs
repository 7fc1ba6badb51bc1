using System.Globalization;
using System.Text.RegularExpressions;

namespace LilyVM.Cli.Guests;

/// <summary>Size of a disk image in mke2fs's notation: a number and M or G.</summary>
internal static partial class DiskSize
{
    // Beyond, mke2fs writes gigabytes of tables.
    private const int LargestMiB = 4096 << 10;

    /// <summary>Throws unless a system that needs so many MiB fits into the size, and the size makes sense.</summary>
    internal static void Require(string size, int leastMiB)
    {
        if (!Format().IsMatch(size))
            throw new LilyVMException($"'{size}' is no disk size; give a number and M or G, such as {DebianDisk.DefaultSize}.");
        int number = int.Parse(size[..^1], CultureInfo.InvariantCulture);
        long mebibytes = size[^1] == 'G' ? (long)number << 10 : number;
        if (mebibytes < leastMiB)
            throw new LilyVMException($"A disk of {size} is too small for this system; give at least {leastMiB}M.");
        if (mebibytes > LargestMiB)
            throw new LilyVMException($"A disk of {size} is too large; give at most {LargestMiB >> 10}G.");
    }

    [GeneratedRegex("^[1-9][0-9]{0,6}[MG]$")]
    private static partial Regex Format();
}
