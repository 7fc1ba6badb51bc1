using System.CommandLine;
using LilyVM.Cli.Guests;
using LilyVM.Cli.Terminal;
using LilyVM.Native;

namespace LilyVM.Cli.Commands;

/// <summary>lilyvm boot: starts the prepared Linux, or a kernel of the user's with its RAM disk, on this terminal.</summary>
internal static class BootCommand
{
    private const string NativeEngine = "native", UserEngine = "user", FirstDisk = "lilyvm.root=/dev/vda", Debian = "debian";

    // Half of a boot's time would go into messages that nobody reads. They are in the guest's log; --append loglevel=7 shows them.
    private const string Quiet = "loglevel=3";

    internal static Command Create()
    {
        var arguments = new MachineArguments();
        arguments.Kernel.Description = "The kernel, a converted ELF file; without it the Linux guest that `lilyvm guest build linux` made.";
        var unconverted = new Option<bool>("--unconverted") { Description = "With --engine native: also take a kernel that was not converted, to compare with." };
        var script = new Option<string?>("--script")
        {
            Description = "Run this shell script in the prepared guest, its output on standard output, and exit with its status.",
            HelpName = "file",
        };
        var rootfs = new Option<string?>("--rootfs") { Description = "Boot this system from a disk of the cache; what it writes there is forgotten. One of: debian.", HelpName = "name" };
        rootfs.AcceptOnlyFromAmong(Debian);
        var engine = new Option<string>("--engine")
        {
            Description = "What runs the guest; native is a bare machine emulated by QEMU.",
            DefaultValueFactory = _ => "auto",
        };
        engine.AcceptOnlyFromAmong("auto", UserEngine, NativeEngine);
        var command = new Command("boot", "Boot a guest with its console on this terminal; Ctrl-A x ends it, Ctrl-A h shows more.") { unconverted, script, rootfs, engine };
        foreach (Option option in arguments.All)
            command.Add(option);
        command.SetAction(parsed =>
        {
            MachineOptions options = Prepare(parsed, arguments, parsed.GetValue(rootfs) is not null);
            string chosen = parsed.GetRequiredValue(engine);
            if (chosen == NativeEngine)
            {
                if (parsed.GetValue(script) is not null)
                    throw new LilyVMException("--script does not work with --engine native; leave one of them out.");
                return QemuMachine.RunInteractive(ForQemu(options, parsed.GetValue(unconverted)));
            }
            if (parsed.GetValue(unconverted))
                throw new LilyVMException("--unconverted works with --engine native only; add that.");
            options = options with { Engine = chosen == UserEngine ? EngineKind.User : EngineKind.Auto };
            CounterFormat counters = arguments.ParseCounters(parsed);
            return parsed.GetValue(script) is { } file
                ? MachineSession.RunScript(options, File.ReadAllBytes(file), counters, parsed.InvocationConfiguration.Error)
                : MachineSession.Run(options, ConsoleChoice.Parse(parsed.GetRequiredValue(arguments.Console)), counters, parsed.InvocationConfiguration.Error);
        });
        return command;
    }

    private static MachineOptions Prepare(ParseResult parsed, MachineArguments arguments, bool withDebian)
    {
        List<DriveOptions> drives = [.. arguments.ParseDrives(parsed)];
        string commandLine = parsed.GetValue(arguments.Append) ?? "";
        string? kernel = parsed.GetValue(arguments.Kernel), initrd = parsed.GetValue(arguments.Initrd);
        if (withDebian)
        {
            string disk = new DebianDisk(WithCompiler: false, DebianDisk.DefaultSize).Build(GuestCache.Find(), StepProgress.ForConsole());
            drives.Insert(0, new DriveOptions(disk, Snapshot: true)); // the cache keeps it as it was made
        }
        if (kernel is null)
        {
            (ProjectFiles files, GuestCache cache) = (ProjectFiles.Find(), GuestCache.Find());
            LinuxFiles prepared = new PreparedLinux(files, cache).Get(() =>
                new LinuxGuest(files, cache, StepProgress.ForConsole()).Build(withOracle: false, Environment.ProcessorCount));
            (kernel, initrd) = (prepared.Kernel, initrd ?? prepared.Initrd);
            commandLine = $"{Quiet} {commandLine}".TrimEnd();
            // What else would the disk be for? The prepared RAM disk takes its root from this option (guests/linux/README.md).
            if (drives.Count > 0 && !commandLine.Contains("lilyvm.root=", StringComparison.Ordinal))
                commandLine = $"{commandLine} {FirstDisk}";
        }
        return new MachineOptions
        {
            Kernel = kernel,
            Initrd = initrd,
            CommandLine = commandLine,
            Drives = drives,
            MemoryBytes = MachineArguments.ParseMemory(parsed.GetRequiredValue(arguments.Memory)),
        };
    }

    private static QemuBoot ForQemu(MachineOptions options, bool allowUnconverted) => new()
    {
        Kernel = options.Kernel,
        Initrd = options.Initrd,
        CommandLine = $"{QemuBoot.LinuxDefaults} {options.CommandLine}".TrimEnd(),
        Drives = [.. options.Drives.Select(d => new QemuDrive(d.Path, KeepWrites: !d.Snapshot))],
        AllowUnconverted = allowUnconverted,
    };
}
