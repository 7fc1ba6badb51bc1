namespace LilyVM.Cli.Guests;

/// <summary>
/// The initial RAM disk: Debian's static busybox, the recipe's init and scripts, and the fault programs. Apart from the kernel in the cache, so that
/// a changed script does not cost a kernel build.
/// </summary>
internal sealed class LinuxInitrd(ProjectFiles files, GuestCache cache, StepProgress progress)
{
    /// <summary>The guest's programs: an i386 program that is always there.</summary>
    internal static readonly DebianPackage Busybox = new("busybox-static:i386", "bin/busybox");

    private const string Name = "initrd.cpio"; // not compressed: the kernel takes longer to unpack it than this program to read it

    // 32-bit, no C library: needs none of Debian's multilib packages. The fixed options keep the programs the same for everybody.
    private static readonly string[] Compiler =
    [
        "-m32", "-march=i686", "-O1", "-std=gnu11", "-ffreestanding", "-nostdlib", "-static", "-fno-pic", "-no-pie", "-fno-stack-protector",
        "-fno-asynchronous-unwind-tables", "-fcf-protection=none", "-mno-sse", "-mgeneral-regs-only", "-Wall", "-Wextra", "-Werror", "-Wl,--build-id=none",
    ];

    private string Recipe => Path.Combine(files.LinuxRecipe, "initrd");

    private string Faults => Path.Combine(files.LinuxRecipe, "faults");

    /// <summary>The finished RAM disk, or null. Nothing is downloaded for the answer.</summary>
    internal string? Find() => Busybox.Find(cache) is { } busybox ? Find(EntryName(busybox.Version)) : null;

    /// <summary>Makes it if it is not in the cache.</summary>
    internal string Build()
    {
        (string busybox, string version) = Busybox.Get(cache, progress);
        string entry = EntryName(version);
        if (Find(entry) is { } finished)
            return finished;
        using IDisposable _ = cache.Lock(entry, progress);
        if (Find(entry) is { } meanwhile)
            return meanwhile;
        string work = cache.WorkDirectory(entry);
        progress.Run("Making the initial RAM disk", () =>
        {
            string programs = Path.Combine(work, "faults"), result = Path.Combine(work, "result");
            Directory.CreateDirectory(programs);
            Directory.CreateDirectory(result);
            foreach (string source in Sorted(Faults).Where(f => f.EndsWith(".c", StringComparison.Ordinal)))
            {
                string program = Path.Combine(programs, Path.GetFileNameWithoutExtension(source));
                new Tool("gcc", "gcc").Run($"{source} cannot be compiled", [.. Compiler, "-o", program, source]);
            }
            using FileStream output = File.Create(Path.Combine(result, Name));
            Write(new CpioArchive(output), busybox, programs);
        });
        string installed = cache.Install(Path.Combine(work, "result"), entry);
        Directory.Delete(work, recursive: true);
        return Path.Combine(installed, Name);
    }

    private static IEnumerable<string> Sorted(string folder) => Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal);

    private string? Find(string entry) => cache.TryFind(entry) is { } folder ? Path.Combine(folder, Name) : null;

    private string EntryName(string busyboxVersion)
    {
        using var key = new CacheKey();
        return $"linux-initrd-{key.AddFiles("initrd", Recipe).AddFiles("faults", Faults).Add("busybox", busyboxVersion).Add("form", Name)}";
    }

    private void Write(CpioArchive archive, string busybox, string programs)
    {
        foreach (string folder in (string[])["bin", "dev", "faults", "mnt", "proc", "scripts", "sys", "tmp"])
            archive.AddFolder(folder);
        archive.AddCharacterDevice("dev/console", 5, 1); // init's standard streams; the rest comes with devtmpfs
        archive.AddFile("bin/busybox", File.ReadAllBytes(busybox), executable: true);
        archive.AddLink("bin/sh", "busybox");
        archive.AddFile("init", File.ReadAllBytes(Path.Combine(Recipe, "init")), executable: true);
        foreach (string script in Sorted(Path.Combine(Recipe, "scripts")))
            archive.AddFile("scripts/" + Path.GetFileName(script), File.ReadAllBytes(script), executable: true);
        foreach (string program in Sorted(programs))
            archive.AddFile("faults/" + Path.GetFileName(program), File.ReadAllBytes(program), executable: true);
        archive.End();
    }
}
