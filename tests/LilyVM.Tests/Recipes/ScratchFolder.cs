namespace LilyVM.Tests.Recipes;

/// <summary>A temporary folder that goes with the test; with a name of its own it lies in another that goes with it.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private readonly DirectoryInfo whole = Directory.CreateTempSubdirectory("lilyvm-test-");

    public ScratchFolder(string name = "") => Path = Directory.CreateDirectory(System.IO.Path.Combine(whole.FullName, name)).FullName;

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file, with its folders.</summary>
    public string Write(string name, string text, bool executable = false)
    {
        string path = this[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (executable && OperatingSystem.IsLinux())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    public void Dispose() => whole.Delete(recursive: true);
}
