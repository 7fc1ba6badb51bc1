using System.Text.RegularExpressions;

namespace LilyVM.Cli.Guests;

/// <summary>A Debian 12 i386 root file system as an ext4 image.</summary>
/// <param name="WithCompiler">Whether gcc, make and the C library's headers are in it.</param>
/// <param name="Size">Size of the image in mke2fs's notation: a number and M or G.</param>
internal sealed partial record DebianDisk(bool WithCompiler, string Size)
{
    /// <summary>The usual size.</summary>
    internal const string DefaultSize = "2G";

    private const string Suite = "bookworm", Name = "disk.ext4";

    private static readonly Tool Maker = new("mmdebstrap", "mmdebstrap");

    private static readonly string[] BasePackages = ["iproute2", "netbase", "procps"], CompilerPackages = ["gcc", "libc6-dev", "make"];

    // Debian's archives, the wanted ones first.
    private static readonly string[] Archives = ["deb http://deb.debian.org/debian bookworm main", "deb http://deb.debian.org/debian bookworm-updates main"];
    private const string SecurityArchive = "deb http://security.debian.org/debian-security bookworm-security main";

    private string Packages => string.Join(',', WithCompiler ? [.. BasePackages, .. CompilerPackages] : BasePackages);

    /// <summary>The finished image, or the sentence that says how to make it.</summary>
    internal string Find(GuestCache cache) => cache.TryFind(EntryName()) is { } folder
        ? Path.Combine(folder, Name)
        : throw new LilyVMException($"This Debian disk is not built; run `lilyvm guest rootfs debian{(WithCompiler ? " --with-compiler" : "")}{(Size == DefaultSize ? "" : " --size " + Size)}`.");

    /// <summary>Makes the image if it is not in the cache.</summary>
    internal string Build(GuestCache cache, StepProgress progress)
    {
        using IDisposable _ = cache.Lock(() => progress.Tell("Waiting for another lilyvm that builds guests ..."));
        string entry = EntryName();
        if (cache.TryFind(entry) is { } finished)
            return Path.Combine(finished, Name);
        string work = cache.WorkDirectory(entry);
        // Outside of the cache while it is made: without root, mmdebstrap works as users that may not look into our home.
        string image = Path.Combine("/var/tmp", $"lilyvm-{entry}-{Environment.ProcessId}");
        try
        {
            Maker.RequireInPath();
            using ForeignPrograms programs = ForeignPrograms.Enable(cache, progress);
            progress.Run("Making a Debian root file system", () => Fill(image, Path.Combine(work, "build.log"), progress));
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

    [GeneratedRegex("^[1-9][0-9]{0,5}[MG]$")]
    private static partial Regex SizeFormat();

    private string EntryName()
    {
        if (!SizeFormat().IsMatch(Size))
            throw new LilyVMException($"'{Size}' is no disk size; give a number and M or G, such as {DefaultSize}.");
        using var key = new CacheKey();
        return $"debian-{key.Add("suite", Suite).Add("packages", Packages).Add("size", Size).Add("archives", string.Join('\n', Archives))}";
    }

    private void Fill(string image, string log, StepProgress progress)
    {
        try
        {
            Bootstrap(image, log, [.. Archives, SecurityArchive]);
        }
        catch (LilyVMException e)
        {
            progress.Tell($"Trying again without Debian's security updates ({e.Message.TrimEnd('.')}).");
            Bootstrap(image, log, Archives);
        }
    }

    private void Bootstrap(string image, string log, IEnumerable<string> archives)
    {
        // Whoever runs the hook, root or a user of an unshared namespace, can write it.
        new Tool("install", "coreutils").Run("The disk image cannot be created", "--mode=666", "/dev/null", image);
        new Tool("mke2fs", "e2fsprogs").RequireInPath();
        // The hook runs where the new system's files have their owners. The plain bind mount leaves out /proc and /sys, which are mounted there.
        string hook = $"mount --bind \"$1\" \"$1/mnt\" && mke2fs -q -F -t ext4 -d \"$1/mnt\" {image} {Size}; status=$?; umount \"$1/mnt\"; exit $status";
        (Maker with { Log = log }).Run(
            "The Debian root file system cannot be made",
            [
                "--variant=minbase", "--architectures=i386", "--skip=check/qemu" /* ForeignPrograms makes them run */,
                "--format=null", $"--include={Packages}", "--aptopt=APT::Install-Recommends \"false\"",
                "--customize-hook=echo 'lilyvm-guest' >\"$1/etc/hostname\"", $"--customize-hook={hook}",
                Suite, "/dev/null", .. archives,
            ]);
    }
}
