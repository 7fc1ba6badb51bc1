namespace LilyVM.Cli.Guests;

/// <summary>
/// Gives the compiler its memory in large pages. It touches some 50 MB for each file, and on a host that is a guest itself the faults of
/// small pages are a third of its time; most hosts give large pages only to those who ask, and gcc does not.
/// </summary>
/// <param name="Library">The built library of large-pages.c.</param>
internal sealed record CompilerMemory(string Library)
{
    private const string Preload = "LD_PRELOAD";

    /// <summary>What the compiler's environment needs.</summary>
    internal IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        // What the compiler asks malloc for, in large steps too.
        ["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1:glibc.malloc.top_pad=33554432",
        [Preload] = string.Join(':', ((string?[])[Library, System.Environment.GetEnvironmentVariable(Preload)]).OfType<string>()),
    };

    /// <summary>Builds the library in a folder without blanks or colons, which would end its name where it is loaded.</summary>
    internal static CompilerMemory Make(RecipeFiles files, string folder)
    {
        string library = Path.Combine(folder, "large-pages.so");
        new Tool("gcc", "gcc").Run(
            $"{files.LargePages} cannot be compiled",
            "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-o", library, files.LargePages);
        return new CompilerMemory(library);
    }
}
