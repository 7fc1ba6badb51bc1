using System.Text.RegularExpressions;
using LilyVM.Cli.Guests;

namespace LilyVM.Cli.Lab;

/// <summary>
/// A kernel of the lab, with what modules for it are built with: one of Debian's, unpacked in the cache, never installed, or one that was
/// built (<see cref="DebugKernel"/>).
/// </summary>
/// <param name="Folder">The root of the unpacked packages.</param>
internal sealed partial record HostKernel(string Folder)
{
    private const string Unpack =
        "package=$1 root=$2; shift 2; dpkg-deb --fsys-tarfile \"$package\" | tar -x --no-same-owner -C \"$root\" \"$@\"";

    // What the lab needs of the image, whose modules are hundreds of megabytes.
    private static readonly string[] Wanted =
    [
        "./boot/vmlinuz-*", "./lib/modules/*/kernel/drivers/virtio/*", "./lib/modules/*/kernel/drivers/block/virtio_blk.ko",
        "./lib/modules/*/kernel/virt/lib/irqbypass.ko", "./lib/modules/*/kernel/arch/x86/kvm/kvm*.ko",
    ];

    // In the order of loading: each needs some of those before it.
    private static readonly string[] DiskModules =
    [
        "drivers/virtio/virtio_ring.ko", "drivers/virtio/virtio.ko", "drivers/virtio/virtio_pci_legacy_dev.ko",
            "drivers/virtio/virtio_pci_modern_dev.ko",
        "drivers/virtio/virtio_pci.ko", "drivers/block/virtio_blk.ko",
    ];

    // QEMU emulates AMD's virtualization. This is enough for the kernel for clouds, which knows nothing of encrypted guests.
    private static readonly string[] KvmModules = ["virt/lib/irqbypass.ko", "arch/x86/kvm/kvm.ko", "arch/x86/kvm/kvm-amd.ko"];

    /// <summary>The kernel.</summary>
    internal string Image => Directory.EnumerateFiles(Path.Combine(Folder, "boot"), "vmlinuz-*").Single();

    /// <summary>Its release, as uname tells.</summary>
    internal string Release => Path.GetFileName(Image)["vmlinuz-".Length..];

    /// <summary>The folder that modules are built against.</summary>
    internal string Headers => HeadersIn(Folder, Release);

    /// <summary>The drivers of disks; none if they are in the kernel.</summary>
    internal IEnumerable<string> DiskDrivers => Modules(DiskModules);

    /// <summary>What makes /dev/kvm.</summary>
    internal IEnumerable<string> KvmDrivers => Modules(KvmModules);

    /// <summary>Debian's kernel of that flavour; downloaded the first time.</summary>
    internal static HostKernel Get(string flavour, GuestCache cache, StepProgress progress)
    {
        using CacheKey key = new CacheKey().Add("wanted", string.Join('\n', Wanted));
        string shared = cache.PlainDirectory(GuestCache.Lab), folder = Path.Combine(shared, $"{flavour}-{key}");
        if (Directory.Exists(folder))
            return new HostKernel(folder);
        using IDisposable _ = cache.Lock(ThingOf(folder), progress);
        if (!Directory.Exists(folder))
        {
            progress.Run($"Downloading the lab's kernel linux-image-{flavour}", () => Download(flavour, cache, folder));
            // without what is wanted now
            foreach (string old in Directory.EnumerateDirectories(shared, flavour + "*").Where(f => f != folder))
                Directory.Delete(old, recursive: true);
        }
        return new HostKernel(folder);
    }

    /// <summary>The name under which a folder of the lab is made, and locked meanwhile.</summary>
    internal static string ThingOf(string folder) => "lab-" + Path.GetFileName(folder);

    private IEnumerable<string> Modules(IEnumerable<string> names)
    {
        string modules = Path.Combine(Folder, "lib/modules", Release, "kernel");
        return Directory.Exists(modules) ? names.Select(m => Path.Combine(modules, m)) : [];
    }

    // The folder appears by a rename when all is in it.
    private static void Download(string flavour, GuestCache cache, string folder)
    {
        string work = cache.BuildDirectory(ThingOf(folder)), root = Path.Combine(work, "root");
        Directory.Delete(work, recursive: true);
        Directory.CreateDirectory(root);
        (string release, string version) = Resolve(flavour);
        string abi = release[..^(flavour.Length + 1)];
        string series = string.Join('.', abi.Split('.')[..2]);
        string[] packages = [$"linux-image-{release}", $"linux-headers-{release}", $"linux-headers-{abi}-common", $"linux-kbuild-{series}"];
        new Tool("apt-get", "apt") { Directory = work }.Run(
            "apt cannot download the lab's kernel (are the network and the package index of `apt-get update` all right?)",
            ["download", "-q", .. packages.Select(p => $"{p}={version}")]);
        foreach (string package in Directory.EnumerateFiles(work, "*.deb"))
        {
            bool image = Path.GetFileName(package).StartsWith("linux-image", StringComparison.Ordinal);
            string[] members = image ? ["--wildcards", .. Wanted] : [];
            new Tool("sh", "dash").Run($"{package} cannot be unpacked", ["-c", Unpack, "sh", package, root, .. members]);
        }
        // Debian's Makefile names the place where the package would be installed.
        File.WriteAllText(
            Path.Combine(HeadersIn(root, release), "Makefile"),
            $"include {Path.Combine(folder, "usr/src", $"linux-headers-{abi}-common", "Makefile")}\n");
        Directory.Move(root, folder);
        Directory.Delete(work, recursive: true);
    }

    // linux-image-cloud-amd64 depends on the newest kernel.
    private static (string Release, string Version) Resolve(string flavour)
    {
        string name = $"linux-image-{flavour}";
        var tool = new Tool("apt-cache", "apt");
        string shown = tool.Run($"apt knows no package {name} (run `apt-get update`)", "show", "--no-all-versions", name);
        Match match = Dependency().Match(shown);
        return match.Success && match.Groups[1].Value.EndsWith("-" + flavour, StringComparison.Ordinal)
            ? (match.Groups[1].Value, match.Groups[2].Value)
            : throw new LilyVMException($"The package {name} does not name a kernel; the lab works with the package index of Debian 12.");
    }

    /// <summary>That folder below the root of packages.</summary>
    internal static string HeadersIn(string root, string release) => Path.Combine(root, "usr/src", "linux-headers-" + release);

    [GeneratedRegex(@"(?m)^Depends: linux-image-(\S+) \(= (\S+)\)")]
    private static partial Regex Dependency();
}
