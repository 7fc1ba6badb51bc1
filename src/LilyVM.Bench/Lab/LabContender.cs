using System.Globalization;

namespace LilyVM.Bench.Lab;

/// <summary>
/// A contender whose clock counts instructions, a nanosecond each: what is measured is the same whatever else this computer does, so it
/// leaves the processor to other work.
/// </summary>
internal abstract class LabContender(string name, string description, LabSystem system) : Contender
{
    // The guest's memory, the lab's own RAM disk, and the pages of the disk.
    private const string Memory = "1536M";

    // The experiment's own limit ends it earlier.
    private static readonly TimeSpan Limit = TimeSpan.FromHours(3);

    internal override string Name => name;

    internal override string Description => description;

    /// <summary>The files.</summary>
    protected LabSystem System => system;

    /// <summary>What runs a command in the lab.</summary>
    protected Launch InLab(IReadOnlyList<string> files, string kernelOptions, params IEnumerable<string> command)
    {
        string[] disk = system.Disk is { } path ? ["--disk", $"file={path.Replace(",", ",,", StringComparison.Ordinal)},snapshot=on"] : [];
        string seconds = Limit.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return new Launch(
            system.Program,
            [
                "lab", "--icount", "--timeout", seconds, "--memory", Memory, "--kernel-args", kernelOptions,
                .. files.SelectMany(f => (string[])["--file", f]),
                .. disk, "--", .. command,
            ])
        {
            BeforeOthers = false,
        };
    }
}
