namespace LilyVM.Cli.Lab;

/// <summary>The files of a run, gone at its end.</summary>
internal sealed class LabFolder : IDisposable
{
    private readonly DirectoryInfo folder = TemporaryFolder.Create("lilyvm-lab-");

    /// <summary>The RAM disk.</summary>
    internal string RamDisk => this["initrd"];

    /// <summary>The kernel's messages.</summary>
    internal string Log => this["log"];

    /// <summary>Socket: the command's output.</summary>
    internal string Output => this["output"];

    /// <summary>Socket: the command's errors.</summary>
    internal string Errors => this["errors"];

    /// <summary>Socket: what <c>lab/init</c> tells.</summary>
    internal string Status => this["status"];

    private string this[string name] => Path.Combine(folder.FullName, name);

    /// <summary>The messages until now.</summary>
    internal string ReadLog() => File.Exists(Log) ? File.ReadAllText(Log) : "";

    /// <inheritdoc/>
    public void Dispose() => folder.Delete(recursive: true);
}
