using System.Globalization;

namespace LilyVM.Cli.Guests;

/// <summary>A Debian 12 root file system as an ext4 image.</summary>
/// <param name="Recipe">The guest that it is for.</param>
/// <param name="WithCompiler">Whether gcc, make and the C library's headers are in it.</param>
/// <param name="Size">Size of the image in mke2fs's notation: a number and M or G.</param>
internal sealed record DebianDisk(LinuxRecipe Recipe, bool WithCompiler, string Size)
{
    /// <summary>The usual size.</summary>
    internal const string DefaultSize = "2G";

    private const string Suite = "bookworm", Name = "disk.ext4";

    // Not in the cache: without root, mmdebstrap works as users that may not look into our home. Not in /tmp, which is often memory.
    private const string WorkPlace = "/var/tmp";

    // What the files, a journal and some room to work in take.
    private const int LeastMiB = 400, LeastWithCompilerMiB = 700;

    private static readonly Tool Maker = new("mmdebstrap", "mmdebstrap");

    private static readonly string[] BasePackages = ["iproute2", "netbase", "procps"], CompilerPackages = ["gcc", "libc6-dev", "make"];

    private DebianArchive Main => new("http://deb.debian.org/debian", Suite, Recipe.DebianArchitecture);

    // What mirrors may lack.
    private DebianArchive[] Updates =>
        [Main with { Suite = Suite + "-updates" },
            Main with { Uri = "http://security.debian.org/debian-security", Suite = Suite + "-security" }];

    private string Packages => string.Join(',', WithCompiler ? [.. BasePackages, .. CompilerPackages] : BasePackages);

    /// <summary>The finished image, or the sentence that says how to make it.</summary>
    internal string Find(GuestCache cache) => cache.TryFind(EntryName()) is { } folder
        ? Path.Combine(folder, Name)
        : throw new LilyVMException(
            "This Debian disk is not built; run `lilyvm guest rootfs " +
            $"debian{Recipe.Option}{(WithCompiler ? " --with-compiler" : "")}{(Size == DefaultSize ? "" : " --size " + Size)}`.");

    /// <summary>Makes the image if it is not in the cache.</summary>
    internal string Build(GuestCache cache, StepProgress progress)
    {
        string entry = EntryName();
        if (cache.TryFind(entry) is { } finished)
            return Path.Combine(finished, Name);
        Maker.RequireInPath();
        using IDisposable _ = cache.Lock(entry, progress);
        if (cache.TryFind(entry) is { } meanwhile)
            return Path.Combine(meanwhile, Name);
        string work = cache.BuildDirectory(entry), image = ImageName(entry, Environment.ProcessId);
        DeleteStale(entry);
        try
        {
            IReadOnlyList<DebianArchive> archives = AskArchives(work, progress);
            using ForeignPrograms? programs = Recipe == LinuxRecipe.I386 ? ForeignPrograms.Enable(cache, progress) : null;
            progress.Run("Making a Debian root file system", () => Bootstrap(image, Path.Combine(work, "build.log"), archives));
            string result = Path.Combine(work, "result");
            Directory.CreateDirectory(result);
            new Tool("cp", "coreutils").Run("The disk image cannot be stored", "--sparse=always", image, Path.Combine(result, Name));
            string installed = cache.Install(result, entry);
            Directory.Delete(work, recursive: true);
            return Path.Combine(installed, Name);
        }
        finally
        {
            File.Delete(image);
        }
    }

    private string EntryName()
    {
        DiskSize.Require(Size, WithCompiler ? LeastWithCompilerMiB : LeastMiB);
        using var key = new CacheKey();
        key.Add("suite", Suite).Add("packages", Packages).Add("size", Size).Add("archives", $"{Main.Line}\n{Updates[0].Line}");
        return $"debian-{Recipe.DebianArchitecture}-{key}";
    }

    private static string ImageName(string entry, int process) =>
        Path.Combine(WorkPlace, string.Create(CultureInfo.InvariantCulture, $"lilyvm-{entry}-{process}"));

    // Left by builds of this disk that were killed. Another user's cache may be making the same one.
    private static void DeleteStale(string entry)
    {
        foreach (string image in Directory.EnumerateFiles(WorkPlace, $"lilyvm-{entry}-*"))
        {
            if (Directory.Exists("/proc/" + image[(image.LastIndexOf('-') + 1)..]))
                continue;
            try
            {
                File.Delete(image);
            }
            catch (UnauthorizedAccessException)
            {
                // Theirs.
            }
        }
    }

    // Before anything large is downloaded.
    private List<DebianArchive> AskArchives(string work, StepProgress progress)
    {
        var problems = new Dictionary<DebianArchive, string>();
        progress.Run("Asking Debian's archives", () =>
        {
            foreach (DebianArchive archive in (DebianArchive[])[Main, .. Updates])
            {
                if (archive.FindProblem(work, withPackages: archive != Main) is not { } problem)
                    continue;
                if (archive == Main)
                    throw new LilyVMException($"The Debian root file system cannot be made: {problem}.");
                problems.Add(archive, problem);
            }
        });
        foreach (string problem in problems.Values)
            progress.Tell($"The disk goes without some of Debian's updates: {problem}.");
        return [Main, .. Updates.Except(problems.Keys)];
    }

    private void Bootstrap(string image, string log, IEnumerable<DebianArchive> archives)
    {
        // Whoever runs the hook, root or a user of an unshared namespace, can write it.
        new Tool("install", "coreutils").Run("The disk image cannot be created", "--mode=666", "/dev/null", image);
        new Tool("mke2fs", "e2fsprogs").RequireInPath();
        // The hook runs where the new system's files have their owners. The plain bind mount leaves out /proc and /sys, which are mounted
        // there.
        string hook = $"mount --bind \"$1\" \"$1/mnt\" && mke2fs -q -F -t ext4 -d \"$1/mnt\" {image} {Size}; status=$?; umount " +
            "\"$1/mnt\"; exit $status";
        (Maker with { Log = log, Environment = new Dictionary<string, string> { ["TMPDIR"] = WorkPlace } }).Run(
            "The Debian root file system cannot be made",
            [
                "--variant=minbase", $"--architectures={Recipe.DebianArchitecture}",
                    "--skip=check/qemu" /* ForeignPrograms makes them run */,
                "--format=null", $"--include={Packages}", "--aptopt=APT::Install-Recommends \"false\"",
                "--customize-hook=echo 'lilyvm-guest' >\"$1/etc/hostname\"", $"--customize-hook={hook}",
                Suite, "/dev/null", .. archives.Select(a => a.Line),
            ]);
    }
}
