namespace LilyVM;

/// <summary>A program of the host's, which a Debian package has.</summary>
/// <param name="Name">Its name, looked up in PATH.</param>
/// <param name="Package">The package.</param>
internal sealed record HostProgram(string Name, string Package)
{
    // Where ordinary users' PATH does not go.
    private static readonly string[] Others = ["/usr/sbin", "/sbin"];

    /// <summary>Its path; null if it is not there.</summary>
    internal string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(Others)
        .Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, Name)).FirstOrDefault(File.Exists);

    /// <summary>Its path.</summary>
    /// <exception cref="LilyVMException">It is not there; the message names the package.</exception>
    internal string Require() => Find() ?? throw new LilyVMException($"{Name} is missing; install the Debian package {Package}.");
}
