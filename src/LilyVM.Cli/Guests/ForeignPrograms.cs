namespace LilyVM.Cli.Guests;

/// <summary>
/// Lets the host run i386 programs, which making a root file system of them needs. Where its kernel or processor cannot, QEMU's user mode does, made known by an entry
/// in binfmt_misc that lives as long as this object: what somebody runs later on such a host shall fail, not be slow.
/// </summary>
internal sealed class ForeignPrograms : IDisposable
{
    /// <summary>Where the kernel is told what runs foreign programs.</summary>
    internal const string Registry = "/proc/sys/fs/binfmt_misc";

    // Magic and mask of little-endian 32-bit ELF files, programs and shared objects, of i386 (3). Open now (F), so that it works in a chroot; keep argv[0] (P).
    private const string Format = @"M::\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x03\x00" +
        @":\xff\xff\xff\xff\xff\xfe\xfe\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff";

    private static readonly DebianPackage EmulatorPackage = new("qemu-user-static", "usr/bin/qemu-i386-static");

    private readonly string? entry;

    private ForeignPrograms(string? entry) => this.entry = entry;

    /// <summary>Makes i386 programs run until the result's end. The caller has the cache's lock.</summary>
    internal static ForeignPrograms Enable(GuestCache cache, StepProgress progress)
    {
        string probe = LinuxInitrd.Busybox.Get(cache, progress).Path;
        if (Runs(probe))
            return new ForeignPrograms(null);
        if (!Environment.IsPrivilegedProcess)
            throw new LilyVMException("This host cannot run i386 programs, so making a Debian disk takes QEMU's user mode, which only root may set up; run this command as root.");
        string emulator = EmulatorPackage.Get(cache, progress).Path;
        var mount = new Tool("mount", "mount");
        if (!File.Exists(Path.Combine(Registry, "register")))
            mount.Run("This host cannot run i386 programs, nor let QEMU do it", "-t", "binfmt_misc", "binfmt_misc", Registry);
        string name = $"lilyvm-i386-{Environment.ProcessId}"; // another lilyvm removes its own
        try
        {
            File.WriteAllText(Path.Combine(Registry, "register"), $":{name}:{Format}:{emulator}:PF");
        }
        catch (IOException e)
        {
            throw new LilyVMException($"This host cannot run i386 programs, nor let {emulator} do it: {e.Message.TrimEnd('.')}.", e);
        }
        var enabled = new ForeignPrograms(Path.Combine(Registry, name));
        if (Runs(probe))
            return enabled;
        enabled.Dispose();
        throw new LilyVMException($"{emulator} does not run i386 programs on this host.");
    }

    /// <summary>What the kernel has been told to run i386 programs by, if anything.</summary>
    internal static string? Emulator() => Directory.Exists(Registry)
        ? Directory.EnumerateFiles(Registry, "*i386*").Select(Path.GetFileName).FirstOrDefault()
        : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (entry is not null)
            File.WriteAllText(entry, "-1");
    }

    private static bool Runs(string busybox) => new Tool(busybox, "busybox-static:i386").TryRun("true").ExitCode == 0;
}
