using System.CommandLine;
using LilyVM.Cli.Guests;
using LilyVM.Cli.Lab;

namespace LilyVM.Cli.Commands;

/// <summary>lilyvm lab: runs a command under a host kernel that QEMU emulates, where the kernel module can be loaded.</summary>
internal static class LabCommand
{
    private const int SecondsOfPeople = 3600; // somebody types at the shell, or looks with gdb

    private static readonly Option<string> Variant = new("--variant")
    {
        Description = $"The host: {string.Join("; ", LabVariant.All.Select(v => $"{v.Name}, {v.What}"))}.",
        HelpName = "name",
        DefaultValueFactory = _ => LabVariant.DefaultName,
        Recursive = true,
    };

    private static readonly Option<string[]> Files =
        new("--file")
        {
            Description = "A file that the command finds in its folder; may be given again.",
            HelpName = "file",
            Recursive = true,
        };

    private static readonly Option<string[]> Disks =
        new("--disk")
        {
            Description = "A disk image, raw: its path, or file=PATH,readonly=on|off,snapshot=on|off; /dev/vda, the next " +
                "/dev/vdb and so on.",
            HelpName = "file",
            Recursive = true,
        };

    private static readonly Option<int> Cpus = Number("--cpus", "Processors of the host.", "number", 1);

    private static readonly Option<string> Memory = new("--memory")
    {
        Description = "Memory of the host.",
        HelpName = "size",
        DefaultValueFactory = _ => $"{LabOptions.DefaultMemoryMiB}M",
        Recursive = true,
    };

    private static readonly Option<string?> KernelArgs =
        new("--kernel-args") { Description = "More options of the host's kernel.", HelpName = "options", Recursive = true };

    private static readonly Option<string?> KernelLog =
        new("--kernel-log") { Description = "Keep the messages of the host's kernel in this file.", HelpName = "file", Recursive = true };

    private static readonly Option<int> Seconds = Number(
        "--timeout", $"Seconds after which the run fails; {SecondsOfPeople} for shell and --gdb.", "seconds",
            (int)LabOptions.DefaultLimit.TotalSeconds);

    private static readonly Option<bool> Icount = new("--icount")
    {
        Description = "Let the clock of a host with one processor count instructions, one per nanosecond, so that times can be compared.",
        Recursive = true,
    };

    private static readonly Option<bool> Kvm = new("--kvm")
    {
        Description = "Give the host /dev/kvm, with the virtualization of the emulated processor.",
        Recursive = true,
    };

    private static readonly Option<int> Nmi =
        Number("--nmi", "Send that many non-maskable interrupts a second while the command runs.", "number", 0);

    private static readonly Option<string?> Gdb =
        new("--gdb")
        {
            Description = "Wait until gdb attaches to this socket and lets the host go on (docs/lab.md).",
            HelpName = "socket",
            Recursive = true,
        };

    internal static Command Create()
    {
        var words = new Argument<string[]>("command")
        {
            Description = "The command and its arguments, after --.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var lab = new Command("lab", "Run a command under a host kernel that QEMU emulates, where the kernel module is loaded.")
        {
            words, Variant, Files, Disks, Cpus, Memory, KernelArgs, KernelLog, Seconds, Icount, Kvm, Nmi, Gdb,
        };
        lab.SetAction(parsed => parsed.GetValue(words) is { Length: > 0 } given
            ? Run(parsed, given)
            : throw new LilyVMException(
                "No command was given; write it after --, as in `lilyvm lab -- uname -a`, or use `lilyvm lab shell`."));
        var shell = new Command("shell", "A shell in the lab, on this terminal; Ctrl-A x ends it.");
        shell.SetAction(parsed => Run(parsed, []));
        lab.Add(shell);
        return lab;
    }

    private static int Run(ParseResult parsed, string[] command)
    {
        bool forPeople = command.Length == 0 || parsed.GetValue(Gdb) is not null;
        int seconds = forPeople && parsed.GetResult(Seconds) is null or { Implicit: true } ? SecondsOfPeople : parsed.GetValue(Seconds);
        var options = new LabOptions
        {
            Variant = LabVariant.Find(parsed.GetRequiredValue(Variant)),
            Command = command,
            Files = Existing(parsed.GetValue(Files)),
            Disks = ParseDisks(parsed),
            KernelOptions = parsed.GetValue(KernelArgs) ?? "",
            Cpus = parsed.GetValue(Cpus),
            MemoryMiB = MachineArguments.ParseMemory(parsed.GetRequiredValue(Memory)) >> 20,
            Limit = TimeSpan.FromSeconds(seconds),
            CountInstructions = parsed.GetValue(Icount),
            Kvm = parsed.GetValue(Kvm),
            NmiRate = parsed.GetValue(Nmi),
            GdbSocket = parsed.GetValue(Gdb),
            KernelLog = parsed.GetValue(KernelLog),
        };
        if (options.NmiRate > 0 && command.Length == 0)
            throw new LilyVMException("--nmi works with a command only; leave it out.");
        if (options.Kvm && !options.Variant.HasKvm)
            throw new LilyVMException(
                $"--kvm works with {string.Join(" and ", LabVariant.All.Where(v => v.HasKvm).Select(v => v.Name))} only; choose one of " +
                "these as --variant.");
        if (options is { CountInstructions: true, Cpus: > 1 })
            throw new LilyVMException("--icount works with one processor only; leave out --cpus."); // the second one never comes up
        var machine = new LabMachine(
            ProjectFiles.Find(), GuestCache.Find(), StepProgress.ForConsole(), parsed.InvocationConfiguration.Error);
        return machine.Run(options);
    }

    private static Option<int> Number(string name, string description, string helpName, int usual)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = helpName,
            DefaultValueFactory = _ => usual,
            Recursive = true,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, out int number) && number > 0))
                result.AddError($"{name} takes a number from 1.");
        });
        return option;
    }

    private static DriveOptions[] ParseDisks(ParseResult parsed)
    {
        DriveOptions[] disks = [.. (parsed.GetValue(Disks) ?? []).Select(d => DriveArgument.Parse(d, "--disk"))];
        if (disks.FirstOrDefault(d => d.IsServed) is { } other)
            throw new LilyVMException($"The lab's disks are raw files; convert {other.Path} with `qemu-img convert -O raw`.");
        MachineChecks.Drives(disks, disks.Length);
        return [.. disks.Select(d => d with { Path = Existing(d.Path) })];
    }

    private static string[] Existing(string[]? paths) => [.. (paths ?? []).Select(Existing)];

    private static string Existing(string path)
    {
        UserFile.RequireThere(path);
        return Path.GetFullPath(path);
    }
}
