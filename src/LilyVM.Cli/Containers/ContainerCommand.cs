using System.CommandLine;
using System.Security.Cryptography;
using LilyVM.Cli.Commands;
using LilyVM.Cli.Guests;
using LilyVM.Cli.Terminal;
using LilyVM.Cli.Words;
using LilyVM.Networks;

namespace LilyVM.Cli.Containers;

/// <summary>lilyvm container run: a container image as a machine of its own.</summary>
internal static class ContainerCommand
{
    /// <summary>The command's name.</summary>
    internal const string Name = "container";

    private const string User = "user", None = "none", Missing = "missing", Always = "always";

    // What docker gives where the image says nothing.
    private const string UsualPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static readonly Option<bool> Interactive = new("-i") { Description = "Standard input is the container's." };

    private static readonly Option<bool> Terminal = new("-t") { Description = "The container has a terminal; -it is both." };

    private static readonly Option<string[]> Volumes = new("-v")
    {
        Description = "A folder of the host's that the container shares; may be given again.",
        HelpName = "HOST:GUEST[:ro]",
    };

    private static readonly Option<string[]> Ports = new("-p")
    {
        Description = "A port of the host that leads to one of the container; may be given again.",
        HelpName = "[[ADDRESS:]HOST:]GUEST[/udp]",
    };

    private static readonly Option<string[]> Variables = new("-e")
    {
        Description = "A variable of its environment, ours without a value; may be given again.",
        HelpName = "NAME[=VALUE]",
    };

    private static readonly Option<string?> Folder = new("-w") { Description = "The folder that it starts in.", HelpName = "FOLDER" };

    private static readonly Option<string?> Account = new("-u")
    {
        Description = "Who it runs as, names of the image or numbers.",
        HelpName = "USER[:GROUP]",
    };

    private static readonly Option<string> Memory = new("--memory")
    {
        Description = "Memory of its machine, which holds what it writes, too.",
        HelpName = "size",
        DefaultValueFactory = _ => "1G",
    };

    private static readonly Option<bool> Remove = new("--rm")
    {
        Description = "Nothing, for docker's sake: what a container writes is always forgotten. Keep things in a folder that it shares.",
    };

    private static readonly Option<string> Network = Choice("--network", "Whether it reaches the host's network.", User, None);

    private static readonly Option<string> Pull = Choice(
        "--pull", "Whether a registry is asked for an image that is in the cache.", Missing, Always);

    private static readonly Argument<string> Image = new("image")
    {
        Description = "The image in skopeo's words: oci:FOLDER:TAG, oci-archive:FILE, docker-archive:FILE, docker://NAME, " +
            "containers-storage:NAME.",
    };

    private static readonly Argument<string[]> Words = new("command")
    {
        Description = "The command and its arguments instead of the image's.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    internal static Command Create()
    {
        var run = new Command("run", "Run a container image in a machine of its own, with its kernel.")
        {
            Interactive, Terminal, Volumes, Ports, Variables, Folder, Account, Memory, Network, Pull, Remove, Image, Words,
        };
        run.SetAction(Run);
        return new Command(Name, "Run container images as machines.") { run };
    }

    private static int Run(ParseResult parsed)
    {
        bool hasInput = parsed.GetValue(Interactive), hasTerminal = parsed.GetValue(Terminal);
        if (hasInput && hasTerminal && !RawTerminal.IsTerminal(0))
            throw new LilyVMException("Standard input is no terminal; leave out -t.");
        var reference = ImageReference.Parse(parsed.GetRequiredValue(Image));
        List<(ShareOptions Share, string Place)> volumes = [.. (parsed.GetValue(Volumes) ?? []).Select(VolumeArgument.Parse)];
        List<PortForward> forwards = [.. (parsed.GetValue(Ports) ?? []).Select(PublishArgument.Parse)];
        bool hasNetwork = parsed.GetRequiredValue(Network) == User;
        if (forwards.Count > 0 && !hasNetwork)
            throw new LilyVMException("-p needs the network; leave out --network none.");
        NetworkOptions[] networks = hasNetwork ? [new UserNetwork { Forwards = forwards }] : [];
        NetworkChecks.Require(networks);
        MachineChecks.Devices([.. volumes.Select(v => v.Share)], []);
        long memory = MachineArguments.ParseMemory(parsed.GetRequiredValue(Memory));
        MachineChecks.Ram(memory, LinuxRecipe.X64.Guest, LilyVM.Memory.HostMemory.TotalBytes());
        if (parsed.GetValue(Folder) is { } folder && !folder.StartsWith('/'))
            throw new LilyVMException($"The folder '{folder}' is not absolute; begin it with a slash.");

        StepProgress progress = StepProgress.ForConsole();
        ReadyImage image = new ImageStore(GuestCache.Find(), progress).Get(reference, parsed.GetRequiredValue(Pull) == Always);
        ContainerSpecification specification = Specify(parsed, image.Configuration, image.Names, hasTerminal, hasNetwork);
        specification.AddAll("share", volumes.Select(v => $"{v.Share.Tag}:{(v.Share.ReadOnly ? "ro" : "rw")}:{v.Place}"));
        (string kernel, string initrd) = PreparedLinux.GetOrBuild(LinuxRecipe.X64, progress);
        var options = new MachineOptions
        {
            Kernel = kernel,
            Initrd = initrd,
            CommandLine = ContainerSession.KernelOptions,
            MemoryBytes = memory,
            Drives = [new DriveOptions(image.Root, ReadOnly: true)],
            Networks = networks,
            Shares = [.. volumes.Select(v => v.Share)],
        };
        int stopSignal = image.Configuration.StopSignal.Length == 0 ? 15 : ContainerSignals.Number(image.Configuration.StopSignal) ?? 15;
        return new ContainerSession(options, hasInput, hasTerminal, stopSignal, parsed.InvocationConfiguration.Error).Run(specification);
    }

    private static ContainerSpecification Specify(
        ParseResult parsed, ImageConfiguration image, UserNames names, bool hasTerminal, bool hasNetwork)
    {
        string[] words = parsed.GetValue(Words) ?? [];
        List<string> command = [.. image.Entrypoint, .. words.Length > 0 ? words : image.Command];
        if (command.Count == 0)
            throw new LilyVMException("The image names no command; write one behind it.");
        ContainerUser user = names.Find(parsed.GetValue(Account) ?? image.User);
        string name = RandomNumberGenerator.GetHexString(12, lowercase: true);
        var specification = new ContainerSpecification();
        specification.AddAll("argument", command)
            .AddAll("environment", Environment(parsed, image, user, name, hasTerminal))
            .Add("directory", parsed.GetValue(Folder) ?? (image.Directory.Length > 0 ? image.Directory : "/"))
            .Add(user)
            .Add("hostname", name)
            .Add("hosts", $"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n{GuestAddresses.Address}\t{name}\n");
        return hasNetwork ? specification.Add("resolver", GuestAddresses.OfThisHost().ResolverText()) : specification;
    }

    // Later ones win; the order is docker's.
    private static OrderedDictionary<string, string>.ValueCollection Environment(
        ParseResult parsed, ImageConfiguration image, ContainerUser user, string hostName, bool hasTerminal)
    {
        IEnumerable<string?> given = (parsed.GetValue(Variables) ?? []).Select(v => v.Contains('=') ? v
            : System.Environment.GetEnvironmentVariable(v) is { } value ? $"{v}={value}" : null);
        string[] terminal = hasTerminal ? ["TERM=xterm"] : [];
        var all = new OrderedDictionary<string, string>();
        foreach (string variable in (IEnumerable<string>)
            [UsualPath, "HOSTNAME=" + hostName, .. terminal, "HOME=" + user.Home, .. image.Environment, .. given.OfType<string>()])
            all[variable.Split('=')[0]] = variable;
        return all.Values;
    }

    private static Option<string> Choice(string name, string description, params string[] values)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = string.Join('|', values),
            DefaultValueFactory = _ => values[0],
        };
        option.TakesOneOf(values);
        return option;
    }
}
