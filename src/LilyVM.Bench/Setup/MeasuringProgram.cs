using LilyVM.Cli.Guests;

namespace LilyVM.Bench.Setup;

/// <summary>
/// The measuring program, compiled by this machine's compiler with Debian's 32-bit C library for it: a host that cannot run i386 programs
/// can make it.
/// </summary>
internal sealed class MeasuringProgram(ProjectFiles files, GuestCache cache, StepProgress progress)
{
    private const string Name = "micro";

    // All files of both packages.
    private static readonly DebianPackage Library = new("libc6-dev-i386", "usr"), Runtime = new("lib32gcc-12-dev", "usr");

    private static readonly string[] Options =
        ["-m32", "-O2", "-static", "-Wall", "-Wextra", "-Werror", "-isystem", "/usr/include/x86_64-linux-gnu"];

    private string Sources => Path.Combine(files.Home, "bench", Name);

    /// <summary>Makes it if it is not in the cache.</summary>
    internal string Build()
    {
        (string library, string version) = Library.Get(cache, progress);
        (string runtime, string compiler) = Runtime.Get(cache, progress);
        using var key = new CacheKey();
        string entry = $"micro-{key.AddFiles("sources", Sources).Add("library", version).Add("compiler", compiler)}";
        if (cache.TryFind(entry) is { } finished)
            return Path.Combine(finished, Name);
        using IDisposable _ = cache.Lock(entry, progress);
        if (cache.TryFind(entry) is { } meanwhile)
            return Path.Combine(meanwhile, Name);
        string work = cache.WorkDirectory(entry);
        progress.Run("Compiling the measuring program", () => new Tool("gcc-12", "gcc-12").Run(
            "The measuring program cannot be compiled",
            [
                .. Options, "-isystem", Path.Combine(library, "include"), "-B" + Path.Combine(library, "lib32"),
                "-B" + Path.Combine(runtime, "lib/gcc/x86_64-linux-gnu/12/32"), "-o", Path.Combine(work, Name),
                .. Directory.EnumerateFiles(Sources, "*.c").Order(StringComparer.Ordinal),
            ]));
        return Path.Combine(cache.Install(work, entry), Name);
    }
}
