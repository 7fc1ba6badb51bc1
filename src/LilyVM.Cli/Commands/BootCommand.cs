using System.CommandLine;
using LilyVM.Boot;
using LilyVM.Cli.Guests;
using LilyVM.Cli.Terminal;
using LilyVM.Cli.Words;
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
        arguments.Kernel.Description = "The kernel, a converted ELF file; without it the Linux guest that --arch names, built if it is " +
            "not there.";
        var unconverted = new Option<bool>("--unconverted") { Description =
            "With --engine native: also take a kernel that was not converted, to compare with." };
        var script = new Option<string?>("--script")
        {
            Description = "Run this shell script in the prepared guest, its output on standard output, and exit with its status.",
            HelpName = "file",
        };
        var rootfs = new Option<string?>("--rootfs") { Description =
            "Boot this system from a disk of the cache; what it writes there is forgotten. One of: debian.", HelpName = "name" };
        rootfs.TakesOneOf(Debian);
        Option<string> architecture = ArchitectureOption.Create();
        var engine = new EngineArguments(NativeEngine); // a bare machine emulated by QEMU
        var command = new Command("boot", "Boot a guest with its console on this terminal; Ctrl-A x ends it, Ctrl-A h shows more.")
        {
            architecture, unconverted, script, rootfs,
        };
        foreach (Option option in arguments.All.Concat(engine.All))
            command.Add(option);
        command.SetAction(parsed =>
        {
            // Mistakes first: preparing the guest may take minutes.
            string chosen = parsed.GetRequiredValue(engine.Engine);
            var guest = new GuestChoice(parsed, arguments, architecture);
            string? notInQemu = NotInQemu(parsed, arguments, engine, guest);
            if (chosen == NativeEngine && notInQemu is not null)
                throw new LilyVMException($"{notInQemu} does not work with --engine native; leave one of them out.");
            if (chosen != NativeEngine && parsed.GetValue(unconverted))
                throw new LilyVMException("--unconverted works with --engine native only; add that.");
            int most = chosen == NativeEngine ? QemuCommand.MaxDrives : MachineOptions.MaxDrives, ours = parsed.GetValue(rootfs) is null
                ? 0 : 1;
            MachineChecks.Drives(arguments.ParseDrives(parsed), most - ours);
            byte[]? scriptText = parsed.GetValue(script) is { } file ? UserFile.Read(file, "the script ") : null;
            ConsoleChoice console = ConsoleChoice.Parse(parsed.GetRequiredValue(arguments.Console));
            if (scriptText is not null && console.Kind != ConsoleKind.Standard)
                throw new LilyVMException("--console does not work with --script, whose output is on standard output; leave one of " +
                    "them out.");
            MachineOptions.RequireCpu(parsed.GetRequiredValue(arguments.Cpu));
            engine.CheckEarly(parsed, () => guest.Architecture);
            RequireEngineFor(guest, chosen);
            RequireDriverFor(guest, arguments.ParseShares(parsed));
            arguments.CheckEarly(parsed, guest.IsBuilt ? guest.Architecture : null);
            MachineOptions options = Prepare(parsed, arguments, guest, parsed.GetValue(rootfs) is not null);
            TextWriter errors = parsed.InvocationConfiguration.Error;
            bool isPrepared = parsed.GetValue(arguments.Kernel) is null;
            if (isPrepared && scriptText is null && console.Kind == ConsoleKind.Standard && WindowSize.Of(0) is { } size)
                options = options with { CommandLine = $"{SizeLine.Option(size)} {options.CommandLine}" };
            var qemu = new QemuFallback(options, errors) { NotThere = notInQemu, AllowsUnconverted = parsed.GetValue(unconverted) };
            var plan = new MachinePlan(chosen == NativeEngine ? qemu.Make() : MachinePlan.Of(engine.Apply(parsed, options), errors))
            {
                Fallback = chosen == EngineArguments.Automatic ? qemu.InsteadOf : null,
                FollowsSize = isPrepared,
                Announce = scriptText is null ? machine => engine.Announce(parsed, machine, errors) : null,
                Counters = arguments.ParseCounters(parsed),
            };
            return scriptText is not null ? MachineSession.RunScript(plan, scriptText, errors) : MachineSession.Run(plan, console, errors);
        });
        return command;
    }

    // The engine itself would say it of a guest whose kernel was built for minutes.
    private static void RequireEngineFor(GuestChoice guest, string engine)
    {
        if (guest.IsBuilt && guest.Architecture != GuestArchitecture.Ia32 && EngineArguments.HasKernelHypervisor(engine))
            throw new LilyVMException($"The engine '{engine}' runs IA-32 guests only; add {ArchitectureOption.Name} " +
                $"{LinuxRecipe.I386.Architecture}, or leave out --engine.");
    }

    private static void RequireDriverFor(GuestChoice guest, IReadOnlyList<ShareOptions> shares)
    {
        if (shares.Count > 0 && guest.IsBuilt && guest.Architecture == GuestArchitecture.Ia32)
            throw new LilyVMException("The prepared IA-32 guest has no driver for shared folders; leave out --arch, or --share.");
    }

    private static MachineOptions Prepare(ParseResult parsed, MachineArguments arguments, GuestChoice guest, bool withDebian)
    {
        List<DriveOptions> drives = [.. arguments.ParseDrives(parsed)];
        IReadOnlyList<ShareOptions> shares = arguments.ParseShares(parsed);
        string commandLine = parsed.GetValue(arguments.Append) ?? "";
        string? kernel = parsed.GetValue(arguments.Kernel), initrd = parsed.GetValue(arguments.Initrd);
        if (withDebian)
        {
            string disk = new DebianDisk(guest.Recipe, WithCompiler: false, DebianDisk.DefaultSize).Build(GuestCache.Find(),
                StepProgress.ForConsole());
            drives.Insert(0, new DriveOptions(disk, Snapshot: true)); // the cache keeps it as it was made
        }
        if (kernel is null)
        {
            (kernel, string preparedInitrd) = guest.Prepare(StepProgress.ForConsole());
            initrd ??= preparedInitrd;
            commandLine = $"{Quiet} {commandLine}".TrimEnd();
            // What else would the disk be for? The prepared RAM disk takes its root from this option (guests/linux/README.md).
            if (drives.Count > 0 && !commandLine.Contains("lilyvm.root=", StringComparison.Ordinal))
                commandLine = $"{commandLine} {FirstDisk}";
            foreach (ShareOptions share in shares)
                commandLine += $" lilyvm.share={(share.ReadOnly ? "ro" : "rw")}:{share.Tag}";
        }
        return new MachineOptions
        {
            Kernel = kernel,
            Initrd = initrd,
            Modules = arguments.ParseModules(parsed),
            Cpu = parsed.GetRequiredValue(arguments.Cpu),
            CommandLine = commandLine,
            Drives = drives,
            Shares = shares,
            Devices = arguments.ParseDevices(parsed),
            Networks = arguments.ParseNetworks(parsed),
            MemoryBytes = MachineArguments.ParseMemory(parsed.GetRequiredValue(arguments.Memory)),
        };
    }

    // Rather than ignoring what was asked for: what of it QEMU's machine does not have.
    private static string? NotInQemu(ParseResult parsed, MachineArguments arguments, EngineArguments engine, GuestChoice guest)
    {
        Option[] unknown = [arguments.Counters, arguments.Shares, arguments.Devices, .. engine.NotInQemu];
        if (unknown.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } option)
            return option.Name;
        if (arguments.ParseNetworks(parsed).Count > 0)
            return arguments.Net.Name;
        if (arguments.ParseDrives(parsed).Any(d => d.IsServed))
            return "--drive of another format than raw";
        if (QemuMemory.TooMuch(parsed, arguments, guest) is { } tooMuch)
            return tooMuch;
        return LinuxOptions.UsesVirtioConsole(parsed.GetValue(arguments.Append) ?? "") ? LinuxOptions.VirtioConsole : null;
    }
}
