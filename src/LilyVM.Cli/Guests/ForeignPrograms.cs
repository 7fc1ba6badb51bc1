using System.Globalization;

namespace LilyVM.Cli.Guests;

/// <summary>
/// Lets the host run i386 programs, which making a root file system of them needs. Where its kernel or processor cannot, QEMU's user mode
/// does, made known by an entry in binfmt_misc that lives as long as this object: what somebody runs later on such a host shall fail, not
/// be slow.
/// </summary>
internal sealed class ForeignPrograms : IDisposable
{
    /// <summary>Where the kernel is told what runs foreign programs.</summary>
    internal const string Registry = "/proc/sys/fs/binfmt_misc";

    // Magic and mask of little-endian 32-bit ELF files, programs and shared objects, of i386 (3).
    private const string Magic = @"\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x03\x00";
    private const string Mask = @"\xff\xff\xff\xff\xff\xfe\xfe\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff";

    private static readonly DebianPackage EmulatorPackage = new("qemu-user-static", "usr/bin/qemu-i386-static");

    // An entry's name ends with the namespace of its maker's process number, and that number.
    private const string Prefix = "lilyvm-i386-";

    private readonly string? entry;

    private ForeignPrograms(string? entry) => this.entry = entry;

    /// <summary>Makes i386 programs run until the result's end.</summary>
    internal static ForeignPrograms Enable(GuestCache cache, StepProgress progress)
    {
        string probe = LinuxRecipe.I386.Busybox.Get(cache, progress).Path;
        RemoveStale(Registry);
        if (Runs(probe) && !Entries(Registry).Any()) // what runs by another lilyvm's entry does not when that ends
            return new ForeignPrograms(null);
        if (!Environment.IsPrivilegedProcess)
            throw new LilyVMException(
                "This host cannot run i386 programs, so making a Debian disk takes QEMU's user mode, which only root may set up; run " +
                "this command as root.");
        string emulator = EmulatorPackage.Get(cache, progress).Path;
        var mount = new Tool("mount", "mount");
        if (!File.Exists(Path.Combine(Registry, "register")))
            mount.Run("This host cannot run i386 programs, nor let QEMU do it", "-t", "binfmt_misc", "binfmt_misc", Registry);
        string name = Name(Environment.ProcessId); // another lilyvm removes its own
        try
        {
            File.WriteAllText(Path.Combine(Registry, "register"), Registration(name, emulator));
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

    /// <summary>
    /// What is written to the kernel's <c>register</c> (Documentation/admin-guide/binfmt-misc.rst): fields, which the line's first
    /// character separates. A path may hold colons, but hardly a control character. Opened now (F), so that it works in a chroot; keeps
    /// argv[0] (P).
    /// </summary>
    internal static string Registration(string name, string emulator) => '\x1f' +
        string.Join('\x1f', name, "M", "", Magic, Mask, emulator, "PF");

    /// <summary>The name of the entry that the process of that number makes.</summary>
    internal static string Name(int process) => Mine + process.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// Removes what a lilyvm left that was killed. Process numbers tell only those of our own namespace: another container's lilyvm may be
    /// alive though its number is nobody's here.
    /// </summary>
    internal static void RemoveStale(string registry)
    {
        foreach (string path in Entries(registry))
        {
            string name = Path.GetFileName(path);
            if (!name.StartsWith(Mine, StringComparison.Ordinal) || Directory.Exists("/proc/" + name[Mine.Length..]))
                continue;
            try
            {
                Remove(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another lilyvm was faster, or we are not root and it stays for one that is.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (entry is not null)
            Remove(entry);
    }

    private static string Mine =>
        $"{Prefix}{new string([.. File.ResolveLinkTarget("/proc/self/ns/pid", returnFinalTarget: false)!.Name.Where(char.IsAsciiDigit)])}-";

    private static IEnumerable<string> Entries(string registry) => Directory.Exists(registry)
        ? Directory.EnumerateFiles(registry, Prefix + "*") : [];

    private static void Remove(string entry) => File.WriteAllText(entry, "-1");

    private static bool Runs(string busybox) => new Tool(busybox, LinuxRecipe.I386.Busybox.Name).TryRun("true").ExitCode == 0;
}
