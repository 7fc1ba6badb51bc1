namespace LilyVM.Bench.Setup;

/// <summary>What a static program of an architecture is linked with by gcc for amd64.</summary>
/// <param name="Option">The compiler's option for the architecture.</param>
/// <param name="Library">The package with the C library; all its files below usr.</param>
/// <param name="LibraryFolder">Where its archives are, below usr.</param>
/// <param name="Runtime">The package with the compiler's own library.</param>
/// <param name="RuntimeFolder">Where that is, below usr.</param>
internal sealed record StaticLibraries(
    string Option, DebianPackage Library, string LibraryFolder, DebianPackage Runtime, string RuntimeFolder);

/// <summary>
/// What the experiments with guests of two architectures differ in. Everything else about them is written once, and takes this as a value.
/// </summary>
internal sealed record BenchTarget
{
    private BenchTarget()
    {
    }

    /// <summary>
    /// i386 guests. Their memory is all in the 32-bit kernel's direct mapping. Pages above that are mapped anew at each use, for which the
    /// user engine pays most: a round trip through a pipe took 84 µs with 1 GiB and 14 µs with 512 MiB.
    /// </summary>
    internal static BenchTarget I386 { get; } = new()
    {
        Recipe = LinuxRecipe.I386,
        Personality = "i686",
        MemoryMiB = 512,
        KernelOptions = "reservetop=8M ",
        Libraries = new("-m32", new("libc6-dev-i386", "usr"), "lib32", new("lib32gcc-12-dev", "usr"), "lib/gcc/x86_64-linux-gnu/12/32"),
        UserModeLinux = new("user-mode-linux:i386", "usr/bin/linux.uml"),
    };

    /// <summary>
    /// x86-64 guests. Below 512 MiB Linux gives programs no large pages unless it is told to, and a compiler's would be few.
    /// </summary>
    internal static BenchTarget X64 { get; } = new()
    {
        Recipe = LinuxRecipe.X64,
        Personality = "x86_64",
        MemoryMiB = 1024,
        KernelOptions = "",
        Libraries = new("-m64", new("libc6-dev", "usr"), "lib/x86_64-linux-gnu", new("libgcc-12-dev", "usr"),
            "lib/gcc/x86_64-linux-gnu/12"),
        UserModeLinux = new("user-mode-linux", "usr/bin/linux.uml"),
    };

    /// <summary>All of them; the first is the one that every host runs directly.</summary>
    internal static IReadOnlyList<BenchTarget> All { get; } = [X64, I386];

    /// <summary>The guest, whose architecture names this.</summary>
    internal required LinuxRecipe Recipe { get; init; }

    /// <summary>What setarch(8) calls a system of such programs.</summary>
    internal required string Personality { get; init; }

    /// <summary>Memory of each machine: enough for a compiler.</summary>
    internal required int MemoryMiB { get; init; }

    /// <summary>What this kernel must be told beside what all are, with a blank behind it.</summary>
    internal required string KernelOptions { get; init; }

    /// <summary>What the measuring program is linked with.</summary>
    internal required StaticLibraries Libraries { get; init; }

    /// <summary>The package with User Mode Linux.</summary>
    internal required DebianPackage UserModeLinux { get; init; }

    /// <summary>As options and files name it.</summary>
    internal string Name => Recipe.Architecture;

    /// <summary>That of a name.</summary>
    internal static BenchTarget Of(string name) => All.First(t => t.Name == name);

    /// <summary>Those whose guests the user engine runs directly on this host; the first of all if it runs none.</summary>
    internal static IReadOnlyList<BenchTarget> OfThisHost()
    {
        BenchTarget[] direct = [.. All.Where(t => !HostProbe.UserEngine(t.Recipe.Guest).Any(f => f.IsObstacle))];
        return direct.Length > 0 ? direct : [All[0]];
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
