namespace LilyVM.Tests.Support;

/// <summary>Where the checkout and its built tools lie.</summary>
internal static class Repository
{
    /// <summary>The checkout's root folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The built lily-as.</summary>
    public static string LilyAs => Path.Combine(Root, "artifacts", "lily-as", "as");

    private static string FindRoot()
    {
        if (Environment.GetEnvironmentVariable("LILYVM_HOME") is { Length: > 0 } home)
            return home;
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "LilyVM.slnx")))
            directory = directory.Parent;
        return directory?.FullName ?? Directory.GetCurrentDirectory();
    }
}
