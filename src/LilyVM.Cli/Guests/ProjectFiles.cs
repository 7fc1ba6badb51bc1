namespace LilyVM.Cli.Guests;

/// <summary>Where the parts of this checkout lie that guests are built from.</summary>
/// <param name="Home">The folder that holds <c>guests/linux</c> and <c>artifacts</c>.</param>
internal sealed record ProjectFiles(string Home)
{
    /// <summary>Names <see cref="Home"/> when the program does not lie below it; <c>./lilyvm</c> sets it.</summary>
    internal const string HomeVariable = "LILYVM_HOME";

    /// <summary>The Linux recipes.</summary>
    internal string LinuxRecipes => Path.Combine(Home, "guests", "linux");

    /// <summary>The folder of lilyvm itself, compiled ahead of time.</summary>
    internal string ProgramDirectory => Path.Combine(Home, "artifacts", "publish", "lilyvm");

    /// <summary>The folder for <c>gcc -B</c> that holds the assembler preprocessor as <c>as</c>.</summary>
    internal string AssemblerDirectory => Path.Combine(Home, "artifacts", "lily-as");

    /// <summary>
    /// The source folders that decide what the preprocessor does. Caches go by these, not by the program: its bytes also hold build paths
    /// and the commit it was built from.
    /// </summary>
    internal IEnumerable<string> AssemblerSources => ((string[])["LilyVM.Abi", "LilyVM.Assembler", "LilyVM.Assembler.Driver"])
        .Select(p => Path.Combine(Home, "src", p));

    /// <summary>Finds the checkout: as the environment says, else above the program.</summary>
    internal static ProjectFiles Find()
    {
        if (Environment.GetEnvironmentVariable(HomeVariable) is { Length: > 0 } named)
            return HasRecipe(named) ? new ProjectFiles(Path.GetFullPath(named))
                : throw new LilyVMException($"{HomeVariable} names {named}, which is no LilyVM checkout; correct or unset it.");
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (HasRecipe(folder.FullName))
                return new ProjectFiles(folder.FullName);
        }
        throw new LilyVMException($"The recipes are not above {AppContext.BaseDirectory}; set {HomeVariable} to the LilyVM checkout.");
    }

    private static bool HasRecipe(string folder) =>
        File.Exists(Path.Combine(new ProjectFiles(folder).LinuxRecipes, RecipeFiles.ConfigurationName));
}
