using LilyVM.Cli.Guests;

namespace LilyVM.Cli.Lab;

/// <summary>
/// The kernel of the variant `debug`, which watches locks and memory. Debian has none such, so it is built: from the source of the guest's
/// recipe and lab/debug.config.
/// </summary>
internal sealed class DebugKernel(ProjectFiles files, GuestCache cache, StepProgress progress)
{
    /// <summary>The end of its release.</summary>
    internal const string Flavour = "debug";

    // Inputs of the compiler and the assembler; only scales the progress bar.
    private const int UsualInputs = 800;

    // kbuild's objtool reads objects by a library, which is there for builds of modules; its headers nothing else here needs.
    private const string ElfLibrary = "/usr/lib/x86_64-linux-gnu/libelf.so.1";

    private static readonly DebianPackage ElfHeaders = new("libelf-dev", "usr/include");

    // What no build of a module needs of a kernel's build folder: most of its size.
    private static readonly string[] Unneeded = ["*.o", "*.a", "*.cmd", "vmlinux*", "bzImage"];

    private string Configuration => Path.Combine(files.Home, "lab", "debug.config");

    /// <summary>The kernel; built the first time.</summary>
    internal HostKernel Get()
    {
        LinuxSource source = LinuxSource.Get(LinuxRecipe.I386, cache, progress);
        using CacheKey key = new CacheKey().Add("source", source.Version).AddFiles("configuration", Configuration);
        string shared = cache.PlainDirectory(GuestCache.Lab), folder = Path.Combine(shared, $"{Flavour}-{key}");
        if (IsComplete(folder))
            return new HostKernel(folder);
        using IDisposable _ = cache.Lock(HostKernel.ThingOf(folder), progress);
        string tree = source.Unpack(new RecipeFiles(files, LinuxRecipe.I386), cache, progress); // modules are built with it, too
        if (!Directory.Exists(folder))
        {
            Build(tree, folder);
            foreach (string old in Directory.EnumerateDirectories(shared, Flavour + "-*").Where(f => f != folder))
                Directory.Delete(old, recursive: true);
        }
        return new HostKernel(folder);
    }

    // kbuild's link to the source is there and leads somewhere.
    private static bool IsComplete(string folder) => Directory.Exists(folder)
        && Directory.Exists(Path.Combine(new HostKernel(folder).Headers, "source"));

    // An interrupted build goes on the next time. The folder appears by a rename when all is in it.
    private void Build(string tree, string folder)
    {
        string work = cache.BuildDirectory(HostKernel.ThingOf(folder)),
            build = Directory.CreateDirectory(Path.Combine(work, "build")).FullName;
        // Links in the work folder, because kbuild takes no blanks in options.
        string include = Link(work, "include", ElfHeaders.Get(cache, progress).Path);
        string library = Path.GetDirectoryName(
            Link(Directory.CreateDirectory(Path.Combine(work, "lib")).FullName, "libelf.so", ElfLibrary))!;
        void Make(Action<string>? onLine, params string[] targets) =>
            new Tool("make", "make") { Directory = build, Log = Path.Combine(work, "build.log"), OnLine = onLine }.Run(
                "The lab's kernel cannot be built",
                [
                    $"-j{Environment.ProcessorCount}", "-C", tree, $"O={build}", "ARCH=x86_64", "KBUILD_BUILD_TIMESTAMP=1970-01-01",
                    $"HOSTCFLAGS=-I{include}", $"HOSTLDFLAGS=-L{library}", .. targets,
                ]);

        progress.Run("Configuring the lab's kernel", () =>
        {
            string config = Path.Combine(build, ".config");
            Make(null, "tinyconfig");
            File.AppendAllLines(config, File.ReadLines(Configuration));
            Make(null, "olddefconfig");
            LinuxConfiguration.RequireTakenOver(File.ReadLines(Configuration), File.ReadLines(config), Configuration);
        });
        progress.Run("Building the lab's kernel", UsualInputs, report =>
        {
            int done = 0;
            Make(line =>
            {
                if (KernelTree.IsCompilation(line))
                    report(++done, line[(line.LastIndexOf(' ') + 1)..]);
            },
            "bzImage",
            "modules_prepare");
        });
        Install(build, Path.Combine(work, "root"), folder);
        Directory.Delete(work, recursive: true);
        cache.DeleteUnfinished($"lab-{Flavour}-"); // what other configurations left
    }

    private static string Link(string folder, string name, string target)
    {
        string link = Path.Combine(folder, name);
        File.Delete(link);
        File.CreateSymbolicLink(link, target);
        return link;
    }

    // As Debian's packages have it.
    private static void Install(string build, string root, string folder)
    {
        string release = File.ReadAllText(Path.Combine(build, "include", "config", "kernel.release")).Trim();
        Directory.CreateDirectory(Path.Combine(root, "boot"));
        File.Copy(Path.Combine(build, "arch", "x86", "boot", "bzImage"), Path.Combine(root, "boot", $"vmlinuz-{release}"), overwrite: true);
        // no modules of its own are built
        File.Copy(Path.Combine(build, "vmlinux.symvers"), Path.Combine(build, "Module.symvers"), overwrite: true);
        foreach (string file in Unneeded.SelectMany(p => Directory.EnumerateFiles(build, p, SearchOption.AllDirectories)).ToList())
            File.Delete(file);
        string headers = HostKernel.HeadersIn(root, release);
        Directory.CreateDirectory(Path.GetDirectoryName(headers)!);
        Directory.Move(build, headers);
        Directory.Move(root, folder);
    }
}
