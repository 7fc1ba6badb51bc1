using System.CommandLine;
using LilyVM.Boot;
using LilyVM.Cli.Guests;
using LilyVM.Cli.Terminal;
using LilyVM.Native;

namespace LilyVM.Cli.Commands;

/// <summary>lilyvm boot: starts the prepared Linux, or a kernel of the user's with its RAM disk, on this terminal.</summary>
internal static class BootCommand
{
    private const string NativeEngine = "native", FirstDisk = "lilyvm.root=/dev/vda", Debian = "debian";

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
        var engine = new EngineArguments(NativeEngine); // a bare machine emulated by QEMU
        var command = new Command("boot", "Boot a guest with its console on this terminal; Ctrl-A x ends it, Ctrl-A h shows more.") { unconverted, script, rootfs };
        foreach (Option option in arguments.All.Concat(engine.All))
            command.Add(option);
        command.SetAction(parsed =>
        {
            // Mistakes first: preparing the guest may take minutes.
            string chosen = parsed.GetRequiredValue(engine.Engine);
            string? useless = WhyNotInQemu(parsed, [arguments.Memory, arguments.Console, arguments.Counters, .. engine.OfKernelEngine], arguments.ParseDrives(parsed));
            if (chosen == NativeEngine && useless is not null)
                throw new LilyVMException(useless);
            if (chosen != NativeEngine && parsed.GetValue(unconverted))
                throw new LilyVMException("--unconverted works with --engine native only; add that.");
            MachineChecks.Drives(arguments.ParseDrives(parsed), chosen == NativeEngine ? QemuCommand.MaxDrives : MachineOptions.MaxDrives);
            byte[]? scriptText = parsed.GetValue(script) is { } file ? UserFile.Read(file, "the script ") : null;
            ConsoleChoice console = ConsoleChoice.Parse(parsed.GetRequiredValue(arguments.Console));
            CounterFormat counters = arguments.ParseCounters(parsed);
            MachineOptions.RequireCpu(parsed.GetRequiredValue(arguments.Cpu));
            MachineOptions options = Prepare(parsed, arguments, parsed.GetValue(rootfs) is not null);
            TextWriter errors = parsed.InvocationConfiguration.Error;
            if (chosen == NativeEngine)
                return RunInQemu(ForQemu(options, parsed.GetValue(unconverted)), scriptText, errors);
            options = engine.Apply(parsed, options);
            try
            {
                return scriptText is not null ? MachineSession.RunScript(options, scriptText, counters, errors) : MachineSession.Run(options, console, counters, errors);
            }
            catch (HostWithoutSegmentsException) when (chosen == EngineArguments.Automatic && useless is null)
            {
                errors.WriteLine($"lilyvm: {HostWithoutSegmentsException.Fact}, so the guest runs in QEMU (--engine native), many times slower.");
                return RunInQemu(ForQemu(options, allowUnconverted: false), scriptText, errors);
            }
        });
        return command;
    }

    private static int RunInQemu(QemuBoot boot, byte[]? script, TextWriter errors) =>
        script is null ? QemuMachine.RunInteractive(boot) : MachineSession.RunScriptInQemu(boot, script, errors);

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
            (kernel, string preparedInitrd) = PreparedLinux.GetOrBuild(StepProgress.ForConsole());
            initrd ??= preparedInitrd;
            commandLine = $"{Quiet} {commandLine}".TrimEnd();
            // What else would the disk be for? The prepared RAM disk takes its root from this option (guests/linux/README.md).
            if (drives.Count > 0 && !commandLine.Contains("lilyvm.root=", StringComparison.Ordinal))
                commandLine = $"{commandLine} {FirstDisk}";
        }
        return new MachineOptions
        {
            Kernel = kernel,
            Initrd = initrd,
            Modules = arguments.ParseModules(parsed),
            Cpu = parsed.GetRequiredValue(arguments.Cpu),
            CommandLine = commandLine,
            Drives = drives,
            MemoryBytes = MachineArguments.ParseMemory(parsed.GetRequiredValue(arguments.Memory)),
        };
    }

    // Rather than ignoring what was asked for: that machine has a fixed size, our terminal, no counters, and no disks that the guest knows to be read-only.
    private static string? WhyNotInQemu(ParseResult parsed, IEnumerable<Option> useless, IEnumerable<DriveOptions> drives)
    {
        if (useless.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } option)
            return $"{option.Name} does not work with --engine native; leave one of them out.";
        return drives.FirstOrDefault(d => d.ReadOnly) is { } drive
            ? $"The drive {drive.Path} cannot be read-only with --engine native; make it a snapshot with snapshot=on."
            : null;
    }

    private static QemuBoot ForQemu(MachineOptions options, bool allowUnconverted) => new()
    {
        Kernel = options.Kernel,
        Initrd = options.Initrd,
        Modules = options.Modules,
        Cpu = options.Cpu,
        CommandLine = Elf32.Load(options.Kernel).IsMultiboot ? options.CommandLine : $"{QemuBoot.LinuxDefaults} {options.CommandLine}".TrimEnd(),
        Drives = [.. options.Drives.Select(d => new QemuDrive(d.Path, KeepWrites: !d.Snapshot))],
        AllowUnconverted = allowUnconverted,
    };
}
