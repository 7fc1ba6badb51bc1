namespace LilyVM.Bench.Setup;

/// <summary>
/// The measuring program, compiled by this machine's compiler with Debian's C library for its architecture: a host that cannot run i386
/// programs can make it.
/// </summary>
internal sealed class MeasuringProgram(BenchTarget target, ProjectFiles files, GuestCache cache, StepProgress progress)
{
    private const string Name = "micro", HostHeaders = "/usr/include/x86_64-linux-gnu";

    private static readonly string[] Options = ["-O2", "-static", "-Wall", "-Wextra", "-Werror"];

    private string Sources => Path.Combine(files.Home, "bench", Name);

    /// <summary>Makes it if it is not in the cache.</summary>
    internal string Build()
    {
        StaticLibraries libraries = target.Libraries;
        (string library, string version) = libraries.Library.Get(cache, progress);
        (string runtime, string compiler) = libraries.Runtime.Get(cache, progress);
        using var key = new CacheKey();
        key.AddFiles("sources", Sources).Add("library", version).Add("compiler", compiler);
        string entry = $"micro-{target}-{key}";
        if (cache.TryFind(entry) is { } finished)
            return Path.Combine(finished, Name);
        using IDisposable _ = cache.Lock(entry, progress);
        if (cache.TryFind(entry) is { } meanwhile)
            return Path.Combine(meanwhile, Name);
        string work = cache.WorkDirectory(entry);
        progress.Run("Compiling the measuring program", () => new Tool("gcc-12", "gcc-12").Run(
            "The measuring program cannot be compiled",
            [
                libraries.Option, .. Options, "-isystem", HostHeaders, "-isystem", Path.Combine(library, "include"),
                "-B" + Path.Combine(library, libraries.LibraryFolder), "-B" + Path.Combine(runtime, libraries.RuntimeFolder),
                "-o", Path.Combine(work, Name), .. Directory.EnumerateFiles(Sources, "*.c").Order(StringComparer.Ordinal),
            ]));
        return Path.Combine(cache.Install(work, entry), Name);
    }
}
