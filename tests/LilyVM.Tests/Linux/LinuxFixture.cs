using System.Collections.Concurrent;
using LilyVM.Cli.Guests;
using LilyVM.Native;
using LilyVM.Tests.Linux;
using LilyVM.Tests.Machine;

[assembly: AssemblyFixture(typeof(LinuxFixture))]

namespace LilyVM.Tests.Linux;

/// <summary>
/// The i386 Linux guest, built as <c>lilyvm guest build linux --arch i386 --with-oracle</c> does, in the user's own cache: minutes on a
/// fresh machine, nothing later. Both guests' kernels are more than one run of the tests has time for, so what needs this one has the trait
/// <c>Takes=minutes</c>, unless it runs directly on hosts that can. <see cref="X64LinuxFixture"/> is the other guest.
/// </summary>
public class LinuxFixture
{
    private static readonly GuestCache Cache = GuestCache.Find();
    private static readonly StepProgress Progress = new LineProgress(Console.Error);

    private static readonly Lazy<LinuxFiles> I386 = Prepare(LinuxRecipe.I386), X64 = Prepare(LinuxRecipe.X64);

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5); // of a boot, which takes seconds
    private readonly Lazy<LinuxFiles> files;
    private readonly Lazy<string> disk;

    // A boot takes seconds and several tests look at the same one.
    private readonly ConcurrentDictionary<(string Kernel, string Options), Lazy<Task<string>>> boots = new();

    // Without options the guest gives a shell, which ends when it is told to.
    private static readonly (string Prompt, string Text) ShellSession = ("# ", "echo answer $((6 * 7)); exit\n");

    /// <summary>The i386 guest.</summary>
    public LinuxFixture()
        : this(LinuxRecipe.I386)
    {
    }

    /// <summary>A guest.</summary>
    private protected LinuxFixture(LinuxRecipe recipe)
    {
        Recipe = new RecipeFiles(ProjectFiles.Find(), recipe);
        files = Built(recipe);
        disk = new(() => new DebianDisk(recipe, WithCompiler: true, DebianDisk.DefaultSize).Build(Cache, Progress));
    }

    /// <summary>What it is built by.</summary>
    internal RecipeFiles Recipe { get; }

    internal LinuxFiles Files => files.Value;

    /// <summary>
    /// Builds a guest for tests whose command would build it otherwise, but without the twin, so that another build followed.
    /// </summary>
    internal static LinuxFiles Build(LinuxRecipe recipe) => Built(recipe).Value;

    /// <summary>A Debian root file system with a compiler; never written to.</summary>
    internal string Disk => disk.Value;

    /// <summary>Boots the converted kernel on the native library.</summary>
    internal Task<string> BootConverted(string options, bool withDisk = false) => Boot(Files.Kernel, options, withDisk);

    /// <summary>Boots its unconverted twin.</summary>
    internal Task<string> BootOracle(string options, bool withDisk = false) => Boot(Files.Oracle!, options, withDisk);

    /// <summary>Runs the converted kernel on the user engine, on hosts that run it directly.</summary>
    internal async Task<(string Text, MachineResult Result)> BootOnUserEngine(
        string options, bool withDisk = false, IsolationLevel isolation = IsolationLevel.Auto)
    {
        var output = new MachineFixture.Printed();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        using var machine = new VirtualMachine(new MachineOptions
        {
            Kernel = Files.Kernel,
            Initrd = Files.Initrd,
            CommandLine = options,
            MemoryBytes = 512 << 20,
            Drives = withDisk ? [new DriveOptions(Disk, Snapshot: true)] : [],
            Console = new MachineConsole(output),
            Engine = EngineKind.User,
            Isolation = isolation,
        });
        MachineResult result = await machine.RunAsync(limit.Token);
        string text = output.ToString().Replace("\r", "", StringComparison.Ordinal);
        Assert.False(limit.IsCancellationRequested, $"Linux hangs after:\n{text}");
        return (text, result);
    }

    /// <summary>A program that is compiled on a Debian disk must do in a converted guest what it does in the twin's.</summary>
    /// <param name="boot">Boots the converted kernel with such options and the disk; gives what it prints.</param>
    internal async Task AssertCompilerWorks(Func<string, Task<string>> boot)
    {
        const string Options = "lilyvm.root=/dev/vda lilyvm.run=compile";
        string converted = Messages.UserOutput(await boot(Options));
        Assert.Contains("the program ended with status 42", converted, StringComparison.Ordinal);
        Assert.Equal(Messages.UserOutput(await BootOracle(Options, withDisk: true)), converted);
    }

    private static Lazy<LinuxFiles> Built(LinuxRecipe recipe) => recipe == LinuxRecipe.I386 ? I386 : X64;

    private static Lazy<LinuxFiles> Prepare(LinuxRecipe recipe) =>
        new(() => new LinuxGuest(new RecipeFiles(ProjectFiles.Find(), recipe), Cache, Progress)
            .Build(withOracle: true, Environment.ProcessorCount));

    private Task<string> Boot(string kernel, string options, bool withDisk) =>
        boots.GetOrAdd((kernel, options), _ => new Lazy<Task<string>>(() => BootAnew(kernel, options, withDisk))).Value;

    private async Task<string> BootAnew(string kernel, string options, bool withDisk)
    {
        QemuResult result = await QemuMachine.RunAsync(
            new QemuBoot
            {
                Kernel = kernel,
                AllowUnconverted = kernel == Files.Oracle,
                Initrd = Files.Initrd,
                CommandLine = $"{NativeTarget.OfKernel(kernel).LinuxOptions} {options}",
                Answer = options.Length == 0 ? ShellSession : null,
                Drives = withDisk ? [new QemuDrive(disk.Value, KeepWrites: false)] : [],
                Limit = Limit,
            });
        Assert.False(result.TimedOut, $"{kernel} hangs after:\n{result.Transcript}");
        return result.Transcript;
    }
}
