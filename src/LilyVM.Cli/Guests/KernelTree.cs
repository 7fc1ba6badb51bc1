namespace LilyVM.Cli.Guests;

/// <summary>A kernel's build folder (kbuild's <c>O=</c>) and how make is called for it.</summary>
/// <param name="Source">Top of the source tree; only read.</param>
/// <param name="Folder">The build folder.</param>
/// <param name="Assembler">
/// The folder for <c>gcc -B</c> that holds the preprocessor as <c>as</c>; as plain as the two above (<see cref="PlainFolder"/>).
/// </param>
/// <param name="Memory">How the compiler gets its memory.</param>
/// <param name="Files">The recipe.</param>
/// <param name="Jobs">How many compilers run at a time.</param>
internal sealed record KernelTree(
    string Source, string Folder, string Assembler, CompilerMemory Memory, RecipeFiles Files, int Jobs)
{
    /// <summary>What the preprocessor appends its numbers to, one JSON object per input.</summary>
    internal const string Statistics = "conversion.jsonl";

    private string Log => Path.Combine(Folder, "build.log");

    private string Configured => Path.Combine(Folder, ".lilyvm-configured");

    /// <summary>The linked kernel.</summary>
    internal string Kernel => Path.Combine(Folder, "vmlinux");

    /// <summary>
    /// The recipe's fragments, and as little else as there can be. Done once, so that an interrupted build does not see newer files; and in
    /// one run of kconfig, which asks the compiler more than a hundred questions at each.
    /// </summary>
    internal void Configure(StepProgress progress)
    {
        if (File.Exists(Configured))
            return;
        Directory.CreateDirectory(Folder);
        string config = Path.Combine(Folder, ".config"), wanted = Path.Combine(Folder, "fragments.config");
        progress.Run("Configuring the kernel", () =>
        {
            File.WriteAllLines(wanted, Files.Configurations.SelectMany(File.ReadLines));
            Make(twin: false, null, "allnoconfig", $"KCONFIG_ALLCONFIG={wanted}");
            foreach (string fragment in Files.Configurations)
                LinuxConfiguration.RequireTakenOver(File.ReadLines(fragment), File.ReadLines(config), fragment);
        });
        File.WriteAllText(Configured, "");
    }

    /// <summary>
    /// Compiles and links what is not yet; <paramref name="twin"/> keeps the unconverted objects too (<see cref="OracleTwin"/>).
    /// </summary>
    internal void Build(bool twin, StepProgress progress) => progress.Run("Building the kernel", Files.Recipe.UsualInputs, report =>
    {
        int done = File.Exists(Path.Combine(Folder, Statistics)) ? File.ReadLines(Path.Combine(Folder, Statistics)).Count() : 0;
        Make(twin, line =>
        {
            if (IsCompilation(line))
                report(++done, line[(line.LastIndexOf(' ') + 1)..]);
        }, "vmlinux");
    });

    /// <summary>Links again after objects were exchanged, and makes sure that none of them was compiled anew.</summary>
    internal void Relink()
    {
        string? compiled = null;
        Make(twin: false, line => compiled ??= line.StartsWith("  CC ", StringComparison.Ordinal) ? line.Trim() : null, "vmlinux");
        if (compiled is not null)
            throw new LilyVMException(
                $"Linking the unconverted kernel compiled something anew ({compiled}), so it would not be the twin of the converted one; " +
                "this is a bug in LilyVM.");
    }

    /// <summary>
    /// Whether kbuild says with a line that it compiles or assembles: "  CC      fs/inode.o", "  AS      arch/x86/entry/entry.o".
    /// </summary>
    internal static bool IsCompilation(string line) =>
        line.StartsWith("  CC ", StringComparison.Ordinal) || line.StartsWith("  AS ", StringComparison.Ordinal);

    private void Make(bool twin, Action<string>? onLine, params IEnumerable<string> targets)
    {
        var environment = new Dictionary<string, string>
        {
            ["LILYVM_PASS_THROUGH"] = Files.PassThrough,
            ["LILYVM_STATS"] = Path.Combine(Folder, Statistics),
        };
        foreach ((string name, string value) in Memory.Environment)
            environment[name] = value;
        if (File.Exists(Files.AbsoluteCalls))
            environment["LILYVM_ABSOLUTE_CALLS"] = Files.AbsoluteCalls;
        if (twin)
            environment["LILYVM_TWIN"] = "1";
        var make = new Tool("make", "make") { Directory = Folder, Log = Log, Environment = environment, OnLine = onLine };
        make.Run(
            "The kernel cannot be built",
            [
                $"-j{Jobs}", "-C", Source, $"O={Folder}", $"ARCH={Files.Recipe.Architecture}", $"CC=gcc -B{Assembler}",
                // Where an error lies in nested macros costs the compiler a twentieth of its time.
                "KCFLAGS=-ftrack-macro-expansion=0",
                // The same bytes for everybody, and from a relinked twin.
                "KBUILD_BUILD_TIMESTAMP=1970-01-01", "KBUILD_BUILD_USER=lilyvm", "KBUILD_BUILD_HOST=lilyvm", "KBUILD_BUILD_VERSION=1",
                .. targets,
            ]);
    }
}
