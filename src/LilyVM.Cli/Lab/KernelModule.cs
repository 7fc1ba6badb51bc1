using LilyVM.Cli.Guests;

namespace LilyVM.Cli.Lab;

/// <summary>
/// The kernel module for a kernel of the lab, with the kernel hypervisor inside. Built in the cache; the source folder stays as it is.
/// </summary>
internal sealed class KernelModule(ProjectFiles files, GuestCache cache, StepProgress progress)
{
    private const string Name = "lilyvm.ko";

    private string Source => Path.Combine(files.Home, "native", "module");

    // Where the build of build/KernelHypervisor leaves them.
    private string Hypervisor => Path.Combine(files.Home, "artifacts", "bin", "KernelHypervisor", "release", "kernel.bin");

    private string Layout => Path.Combine(Path.GetDirectoryName(Hypervisor)!, "kh_layout.h");

    /// <summary>The module, or null if this checkout has no kernel hypervisor.</summary>
    internal string? Build(HostKernel kernel)
    {
        if (!File.Exists(Hypervisor))
            return null;
        using CacheKey key = new CacheKey().Add("kernel", Path.GetFileName(kernel.Folder)).AddFiles("source", Source)
            .AddFiles("hypervisor", Hypervisor).AddFiles("layout", Layout);
        string prefix = $"module-{kernel.Release}-", folder = Path.Combine(cache.PlainDirectory(GuestCache.Lab), prefix + key);
        string module = Path.Combine(folder, Name);
        if (File.Exists(module))
            return module;
        using IDisposable _ = cache.Lock(HostKernel.ThingOf(folder), progress);
        if (!File.Exists(module))
            progress.Run($"Building the kernel module for {kernel.Release}", () => Build(kernel, prefix, folder));
        return module;
    }

    private void Build(HostKernel kernel, string prefix, string folder)
    {
        string work = cache.BuildDirectory(HostKernel.ThingOf(folder)), result = Path.Combine(work, "result");
        Directory.Delete(work, recursive: true);
        Directory.CreateDirectory(result);
        new Tool("sh", "dash").Run(
            "The kernel module cannot be built",
            [Path.Combine(Source, "build.sh"), kernel.Headers, Path.Combine(work, "build"), Hypervisor, Layout]);
        File.Move(Path.Combine(work, "build", Name), Path.Combine(result, Name));
        foreach (string old in Directory.EnumerateDirectories(Path.GetDirectoryName(folder)!, prefix + "*"))
            Directory.Delete(old, recursive: true);
        Directory.Move(result, folder);
        Directory.Delete(work, recursive: true);
    }
}
