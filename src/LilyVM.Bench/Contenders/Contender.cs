namespace LilyVM.Bench.Contenders;

/// <summary>A program with its arguments.</summary>
/// <param name="Program">Name, looked up in PATH, or path.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record Launch(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>Whether it shall have the processor before other work of the host, because its time is measured.</summary>
    internal bool BeforeOthers { get; init; } = true;
}

/// <summary>
/// A way to run programs of the experiment's root file system: the host itself, or a machine of some kind. Each is one file, and its only
/// skill is to run a shell script there.
/// </summary>
internal abstract class Contender
{
    /// <summary>One word, for tables.</summary>
    internal abstract string Name { get; }

    /// <summary>What it is, with the version that is measured.</summary>
    internal abstract string Description { get; }

    /// <summary>Whether it takes so long that it does less.</summary>
    internal virtual bool IsSlow => false;

    /// <summary>Whether somebody else made all of it, so that what fails in it is told and is no failure of ours.</summary>
    internal virtual bool IsForeign => false;

    /// <summary>Whether it has a kernel of its own, so that it can be asked how long its start takes.</summary>
    internal virtual bool HasKernel => true;

    /// <summary>Whether its kernel starts without the root file system, too.</summary>
    internal virtual bool StartsWithoutDisk => false;

    /// <summary>Makes it ready. Returns why it cannot run, as the end of a sentence, or null.</summary>
    internal virtual string? Prepare() => null;

    /// <summary>Whether it does this at all: only what counts, and its measure, the host, does what is there for counting.</summary>
    internal virtual bool Runs(Workload workload) => workload switch
    {
        CountWorkload => false,
        BootWorkload => HasKernel && (workload.OnDisk || StartsWithoutDisk),
        _ => true,
    };

    /// <summary>
    /// What runs the script as root of the experiment's root file system, a writable /tmp in memory included. What the script prints comes
    /// on standard output, perhaps among other things; what the engine counted, if it counts, as JSON on standard error.
    /// </summary>
    /// <param name="script">The text of the script, for /bin/sh.</param>
    /// <param name="folder">An empty folder for this run.</param>
    /// <param name="withDisk">False: in the RAM disk's system, for who starts without the root file system.</param>
    internal abstract Launch Start(string script, string folder, bool withDisk = true);

    /// <summary>Writes a file of the run.</summary>
    protected static string Write(string folder, string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
