using System.Globalization;

namespace LilyVM.Bench.Contenders;

/// <summary>Everything that can be compared; a new one is a line here and a file beside this.</summary>
internal static class ContenderList
{
    /// <summary>Names a lilyvm command to measure instead of the project's own.</summary>
    internal const string ProgramVariable = "LILYVM";

    /// <summary>All contenders, the host first.</summary>
    internal static IReadOnlyList<Contender> All(BenchSystem system, ProjectFiles files, GuestCache cache, StepProgress progress)
    {
        string program = Program(files);
        LinuxFiles Kernels() =>
            new LinuxGuest(new RecipeFiles(files, system.Target.Recipe), cache, progress).Build(withOracle: true,
                Environment.ProcessorCount);
        (string, string) Get(DebianPackage package) => package.Get(cache, progress);

        return
        [
            new HostItself(system),
            new HostItself(system, withLargePages: true),
            new LilyVMEngine(LilyVMEngine.User, program, system, () => PreparedLinux.GetOrBuild(system.Target.Recipe, progress)),
            new UserModeLinux(system, () => Get(system.Target.UserModeLinux)),
            new Qemu(system, Kernels),
            new GVisor(system, () => Get(GVisor.Package)),
        ];
    }

    /// <summary>What differs when the command was built anew.</summary>
    internal static string Version(string program)
    {
        var file = new FileInfo(program);
        return string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {(file.Exists ? file.LastWriteTimeUtc.Ticks : 0)}");
    }

    /// <summary>The lilyvm command that is measured.</summary>
    internal static string Program(ProjectFiles files) => Environment.GetEnvironmentVariable(ProgramVariable) is { Length: > 0 } named
        ? named
        : Path.Combine(files.Home, "artifacts", "publish", "lilyvm", "LilyVM.Cli");
}
