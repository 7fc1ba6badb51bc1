using System.CommandLine;
using LilyVM.Cli.Commands;

namespace LilyVM.Cli.Guests;

/// <summary>lilyvm guest: builds and finds prepared guests.</summary>
internal static class GuestCommand
{
    private const string Linux = "linux", Debian = "debian";

    internal static Command Create() => new("guest", "Build and find prepared guests.") { CreateBuild(), CreateRootfs(), CreatePath() };

    private static Command CreateBuild()
    {
        Argument<string> name = Name("The guest.", Linux);
        Option<bool> oracle = new("--with-oracle") { Description = "Also make the unconverted twin of the kernel, to compare with." };
        Option<int> jobs = new("--jobs", "-j")
        {
            Description = "Compilers that run at a time.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        jobs.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, out int number) && number > 0))
                result.AddError("--jobs takes a number from 1.");
        });
        Option<string> architecture = ArchitectureOption.Create();
        var command = new Command("build", "Build a guest kernel and its initial RAM disk into the cache; instant if they are there.")
        {
            name,
            architecture,
            oracle,
            jobs,
        };
        command.SetAction(parsed =>
        {
            LinuxRecipe recipe = ArchitectureOption.Recipe(parsed, architecture);
            LinuxGuest(recipe).Build(parsed.GetValue(oracle), parsed.GetValue(jobs));
        });
        return command;
    }

    private static Command CreateRootfs()
    {
        Argument<string> name = Name("The system.", Debian);
        Option<bool> compiler = Compiler();
        Option<string> size = Size();
        Option<string> architecture = ArchitectureOption.Create();
        var command = new Command("rootfs", "Make a root file system as a disk image in the cache.") { name, architecture, compiler, size };
        command.SetAction(parsed =>
        {
            new DebianDisk(ArchitectureOption.Recipe(parsed, architecture), parsed.GetValue(compiler), parsed.GetRequiredValue(size))
                .Build(GuestCache.Find(), StepProgress.ForConsole());
        });
        return command;
    }

    private static Command CreatePath()
    {
        Argument<string> name = Name("The guest.", Linux, Debian);
        Argument<string> what = new("file") { Description = "linux: kernel, initrd, oracle or config; debian: disk." };
        Option<bool> compiler = Compiler();
        Option<string> size = Size();
        Option<string> architecture = ArchitectureOption.Create();
        var command = new Command("path", "Print where a file of a guest lies.") { name, what, architecture, compiler, size };
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(PathOf(
            parsed.GetRequiredValue(name),
            parsed.GetRequiredValue(what),
            new DebianDisk(ArchitectureOption.Recipe(parsed, architecture), parsed.GetValue(compiler), parsed.GetRequiredValue(size)))));
        return command;
    }

    private static string PathOf(string guest, string file, DebianDisk disk) => (guest, file) switch
    {
        (Linux, "kernel") => LinuxGuest(disk.Recipe).Find(withOracle: false).Kernel,
        (Linux, "initrd") => LinuxGuest(disk.Recipe).Find(withOracle: false).Initrd,
        (Linux, "oracle") => LinuxGuest(disk.Recipe).Find(withOracle: true).Oracle!,
        (Linux, "config") => LinuxGuest(disk.Recipe).Find(withOracle: false).Configuration,
        (Debian, "disk") => disk.Find(GuestCache.Find()),
        _ => throw new LilyVMException(
            $"The guest {guest} has no file '{file}'; linux has kernel, initrd, oracle and config, debian has disk."),
    };

    private static LinuxGuest LinuxGuest(LinuxRecipe recipe) =>
        new(new RecipeFiles(ProjectFiles.Find(), recipe), GuestCache.Find(), StepProgress.ForConsole());

    private static Argument<string> Name(string description, params string[] names)
    {
        var argument = new Argument<string>("guest") { Description = $"{description} One of: {string.Join(", ", names)}." };
        argument.Validators.Add(result =>
        {
            string name = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (!names.Contains(name))
                result.AddError($"'{name}' is no guest that this command knows, which are: {string.Join(", ", names)}.");
        });
        return argument;
    }

    private static Option<bool> Compiler() => new("--with-compiler") { Description = "With gcc, make and the C library's headers." };

    private static Option<string> Size() => new("--size")
    {
        Description = "Size of the image, with M or G.",
        DefaultValueFactory = _ => DebianDisk.DefaultSize,
    };
}
