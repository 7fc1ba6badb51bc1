using System.CommandLine;
using System.Globalization;
using LilyVM.Boot;
using LilyVM.Cli.Terminal;
using LilyVM.Cli.Words;
using LilyVM.Memory;
using LilyVM.Networks;

namespace LilyVM.Cli.Commands;

/// <summary>The options of commands that run a machine. QEMU's spelling of them is a matter of <see cref="QemuWords"/>.</summary>
internal sealed class MachineArguments
{
    /// <summary>The option that commands have which run a machine.</summary>
    internal const string KernelName = "--kernel";

    internal Option<string?> Kernel { get; } = new(KernelName) { Description = "The kernel, a converted ELF file.", HelpName = "file" };

    internal Option<string?> Initrd { get; } = new("--initrd") { Description = "Initial RAM disk.", HelpName = "file" };

    internal Option<string[]> Modules { get; } = new("--module")
    {
        Description = "A module for a multiboot kernel: 'FILE[ ARGUMENTS]'; may be given again.",
        HelpName = "module",
    };

    internal Option<string> Cpu { get; } = new("--cpu")
    {
        Description = "The processor: host, then features that the guest's kernel shall not see, by QEMU's names, such as host,-cx8,-apic.",
        HelpName = "processor",
        DefaultValueFactory = _ => "host",
    };

    internal Option<string?> Append { get; } = new("--append") { Description = "Kernel options.", HelpName = WordChecks.KernelOptions };

    internal Option<string> Memory { get; } = new("--memory")
    {
        Description = "Guest memory: a number with M or G, or of MiB.",
        HelpName = "size",
        DefaultValueFactory = _ => $"{MachineOptions.DefaultMemoryBytes >> 20}M",
    };

    internal Option<string[]> Drives { get; } = new("--drive")
    {
        Description = "Disk image: its path if it is raw, or file=PATH[,format=qcow2|vmdk|...|auto][,readonly=on|off][,snapshot=on|off]"
            + "[,keyfile=PATH]; PATH may be a URL such as nbd://HOST; "
            + $"up to {MachineOptions.MaxDrives} times: /dev/vda, vdb and so on.",
        HelpName = "drive",
    };

    internal Option<bool> Snapshot { get; } = new("--snapshot") { Description = "Forget what the guest writes to its disks." };

    internal Option<string[]> Shares { get; } = new("--share")
    {
        Description = "A folder that the guest shares: DIR[:TAG][,readonly]; the prepared guest mounts it at TAG if that is a path, "
            + "else at /mnt/TAG, which is the folder's name. May be given again.",
        HelpName = "folder",
    };

    internal Option<string[]> Devices { get; } = new("--device")
    {
        Description = "A device that another process serves: vhost-user,socket=PATH,type=fs|blk|net|rng|vsock|NUMBER"
            + "[,tag=NAME][,mac=ADDRESS][,queues=NUMBER]; may be given again.",
        HelpName = "device",
    };

    internal Option<string> Net { get; } = new("--net")
    {
        Description = "The guest's network: none; user[,hostfwd=tcp:[ADDR]:PORT-:PORT], the host's through passt, with forwarded ports "
            + "(tcp or udp, again and again); socket,path=PATH, a program that takes frames; or vhost-user,socket=PATH. More: mac=, mtu=.",
        HelpName = "network",
        DefaultValueFactory = _ => NetArgument.None,
    };

    internal Option<string> Console { get; } = new("--console")
    {
        Description = "The guest's console: stdio, pty, none or file:PATH.",
        HelpName = "console",
        DefaultValueFactory = _ => "stdio",
    };

    internal Option<string?> Counters { get; } = new("--counters")
    {
        Description = "Print what the engine counted, at the end on standard error, as a table or with =json for programs.",
        HelpName = "table|json",
        Arity = ArgumentArity.ZeroOrOne,
    };

    internal MachineArguments() => Counters.TakesOneOf("table", "json");

    /// <summary>All of them.</summary>
    internal IEnumerable<Option> All =>
        [Kernel, Initrd, Modules, Append, Cpu, Memory, Drives, Snapshot, Net, Shares, Devices, Console, Counters];

    /// <summary>Refuses memory and files that no machine can be made of, before anything is built for it.</summary>
    /// <param name="parsed">The words.</param>
    /// <param name="guest">The guest's architecture if no file must be read for it.</param>
    internal void CheckEarly(ParseResult parsed, GuestArchitecture? guest)
    {
        MachineChecks.Devices(ParseShares(parsed), ParseDevices(parsed));
        MachineChecks.Ram(ParseMemory(parsed.GetRequiredValue(Memory)), guest, HostMemory.TotalBytes());
        NetworkChecks.Require(ParseNetworks(parsed));
        if (parsed.GetValue(Kernel) is { } kernel)
            UserFile.RequireThere(kernel);
        else if (parsed.GetValue(Initrd) is { } initrd) // of a Linux, so one file; for other kernels it may be several modules
            UserFile.RequireThere(initrd, "the RAM disk ");
    }

    /// <summary>The drives that were asked for.</summary>
    internal IReadOnlyList<DriveOptions> ParseDrives(ParseResult parsed)
    {
        bool snapshot = parsed.GetValue(Snapshot);
        return [.. (parsed.GetValue(Drives) ?? []).Select(d => DriveArgument.Parse(d))
            .Select(d => snapshot ? d with { Snapshot = true } : d)];
    }

    /// <summary>The folders that were asked for.</summary>
    internal IReadOnlyList<ShareOptions> ParseShares(ParseResult parsed) =>
        [.. (parsed.GetValue(Shares) ?? []).Select(ShareArgument.Parse)];

    /// <summary>The devices that were asked for.</summary>
    internal IReadOnlyList<VhostUserOptions> ParseDevices(ParseResult parsed) =>
        [.. (parsed.GetValue(Devices) ?? []).Select(DeviceArgument.Parse)];

    /// <summary>The networks that were asked for.</summary>
    internal IReadOnlyList<NetworkOptions> ParseNetworks(ParseResult parsed) => NetArgument.Parse(parsed.GetRequiredValue(Net));

    /// <summary>The modules that were asked for.</summary>
    internal IReadOnlyList<ModuleOptions> ParseModules(ParseResult parsed) =>
        [.. (parsed.GetValue(Modules) ?? []).Select(ModuleOptions.Parse)];

    /// <summary>How counters are printed.</summary>
    internal CounterFormat ParseCounters(ParseResult parsed) => parsed.GetResult(Counters) switch
    {
        null => CounterFormat.None,
        _ => parsed.GetValue(Counters) == "json" ? CounterFormat.Json : CounterFormat.Table,
    };

    /// <summary>A size in bytes: 256M, 1G, 1024K, or a number of MiB as QEMU takes it.</summary>
    internal static long ParseMemory(string text)
    {
        int shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        string digits = shift == 0 ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= int.MaxValue
            ? number << (shift == 0 ? 20 : shift)
            : throw new LilyVMException($"'{text}' is no memory size; give a number and M or G, such as 256M.");
    }
}
