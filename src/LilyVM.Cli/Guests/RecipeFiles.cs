namespace LilyVM.Cli.Guests;

/// <summary>Where the files of a recipe lie: those that all recipes share in guests/linux, its own in a folder there.</summary>
/// <param name="Project">The checkout.</param>
/// <param name="Recipe">The recipe.</param>
internal sealed record RecipeFiles(ProjectFiles Project, LinuxRecipe Recipe)
{
    /// <summary>What all recipes share.</summary>
    internal string Shared => Project.LinuxRecipes;

    /// <summary>This recipe's own.</summary>
    internal string Own => Path.Combine(Shared, Recipe.Folder);

    /// <summary>Fragments of the kernel's configuration, in the order in which they are merged.</summary>
    internal IEnumerable<string> Configurations => [Path.Combine(Shared, ConfigurationName), Path.Combine(Own, ConfigurationName)];

    /// <summary>Parts of the source archive that no build reads.</summary>
    internal string SourceExcludes => Path.Combine(Shared, "source-exclude.txt");

    /// <summary>The edits of the source; a recipe without the file needs none.</summary>
    internal string Edits => Path.Combine(Own, "edits.txt");

    /// <summary>Outputs of the build that the preprocessor leaves alone.</summary>
    internal string PassThrough => Path.Combine(Shared, "pass-through.txt");

    /// <summary>Outputs whose code runs at another address than it is linked at; a recipe without the file has none.</summary>
    internal string AbsoluteCalls => Path.Combine(Own, "absolute-calls.txt");

    /// <summary>The library that gives the compiler its memory in large pages.</summary>
    internal string LargePages => Path.Combine(Shared, "large-pages.c");

    /// <summary>Sensitive instructions that may stay.</summary>
    internal string AllowList => Path.Combine(Own, "audit-allow.txt");

    /// <summary>The RAM disk's files: for all guests, then this one's.</summary>
    internal IEnumerable<string> Initrds => ((string[])[Path.Combine(Shared, "initrd"), Path.Combine(Own, "initrd")])
        .Where(Directory.Exists);

    /// <summary>
    /// All that decides what a compiled kernel is. The allow-list does not: when that changes, another audit is due, not another
    /// compilation.
    /// </summary>
    internal IEnumerable<string> KernelInputs => ((string[])[.. Configurations, SourceExcludes, Edits, PassThrough, AbsoluteCalls])
        .Where(File.Exists);

    /// <summary>The names of the test programs in a folder of the RAM disk.</summary>
    internal IEnumerable<string> Programs(string folder) =>
        Recipe.Programs.Where(g => g.Folder == folder).SelectMany(g => g.Sources(Shared, Own))
            .Select(s => Path.GetFileNameWithoutExtension(s));

    /// <summary>The name of a fragment, by which a checkout is known, too.</summary>
    internal const string ConfigurationName = "kernel.config";
}
