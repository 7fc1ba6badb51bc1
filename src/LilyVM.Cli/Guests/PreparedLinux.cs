using System.Globalization;

namespace LilyVM.Cli.Guests;

/// <summary>
/// The finished Linux guest without the checks of a build, which take longer than the guest's boot: what was found the last time is good as
/// long as no file that went into it, none of its own, and not this program has another size or time. Whoever wants the checks runs
/// <c>lilyvm guest build linux</c>.
/// </summary>
internal sealed class PreparedLinux(RecipeFiles files, GuestCache cache)
{
    /// <summary>Names a folder with a guest that goes before any other, so that lilyvm runs where nothing can be built.</summary>
    internal const string GuestVariable = "LILYVM_GUEST";

    /// <summary>The files of such a folder.</summary>
    internal const string KernelName = "vmlinux", InitrdName = "initrd.cpio";

    private const string Packages = "/var/lib/dpkg/status"; // changes with any installed package, so with the source's or busybox's

    private string Stamp => Path.Combine(cache.Root, "ready-linux-" + files.Recipe.Architecture);

    /// <summary>The folder that the environment names; null if it names none.</summary>
    internal static string? Folder => Environment.GetEnvironmentVariable(GuestVariable) is { Length: > 0 } folder ? folder : null;

    /// <summary>The guest that the environment names, else that of the recipe, built if need be.</summary>
    internal static (string Kernel, string Initrd) GetOrBuild(LinuxRecipe recipe, StepProgress progress)
    {
        if (Folder is { } folder)
            return FindIn(folder);
        var files = new RecipeFiles(ProjectFiles.Find(), recipe);
        GuestCache cache = GuestCache.Find();
        LinuxFiles prepared = new PreparedLinux(files, cache)
            .Get(() => new LinuxGuest(files, cache, progress).Build(withOracle: false, Environment.ProcessorCount));
        return (prepared.Kernel, LinuxInitrd.Small(prepared.Initrd));
    }

    /// <summary>The guest; <paramref name="build"/> is asked where anything has changed.</summary>
    internal LinuxFiles Get(Func<LinuxFiles> build)
    {
        if (File.Exists(Stamp) && File.ReadAllLines(Stamp) is [var signature, var kernel, var initrd, var configuration])
        {
            var known = new LinuxFiles(kernel, initrd, configuration, null);
            if (signature == Signature(known))
                return known;
        }
        LinuxFiles built = build();
        GuestCache.Remember(Stamp, string.Join('\n', Signature(built), built.Kernel, built.Initrd, built.Configuration));
        return built;
    }

    private static (string Kernel, string Initrd) FindIn(string folder)
    {
        string kernel = Path.Combine(folder, KernelName), initrd = Path.Combine(folder, InitrdName);
        return File.Exists(kernel) && File.Exists(initrd)
            ? (kernel, initrd)
            : throw new LilyVMException(
                $"{GuestVariable} names {folder}, which does not hold {KernelName} and {InitrdName}; correct or unset it.");
    }

    // Not a hash: that would load a cryptographic library.
    private string Signature(LinuxFiles guest)
    {
        IEnumerable<string> inputs = files.Project.AssemblerSources.Append(files.Shared)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal)
            .Concat([Environment.ProcessPath!, Path.Combine(files.Project.AssemblerDirectory, "as"), Packages, guest.Kernel, guest.Initrd]);
        return string.Join('|', inputs.Select(Describe));
    }

    private static string Describe(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? string.Create(CultureInfo.InvariantCulture, $"{path} {file.Length} {file.LastWriteTimeUtc.Ticks}") : path;
    }
}
