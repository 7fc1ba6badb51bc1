using System.CommandLine;
using LilyVM.Boot;
using LilyVM.Cli.Guests;

namespace LilyVM.Cli.Commands;

/// <summary>
/// The guest that a command boots: a kernel of the user's, the folder that the environment names, or one of the prepared guests. Only the
/// last is chosen by --arch; the files of the others tell what they are.
/// </summary>
internal sealed class GuestChoice
{
    private readonly LinuxRecipe chosen;
    private readonly string? kernel;

    /// <summary>Reads the words of a command.</summary>
    /// <exception cref="LilyVMException">--arch goes with none of the others.</exception>
    internal GuestChoice(ParseResult parsed, MachineArguments arguments, Option<string> architecture)
    {
        chosen = ArchitectureOption.Recipe(parsed, architecture);
        string? own = parsed.GetValue(arguments.Kernel), folder = own is null ? PreparedLinux.Folder : null;
        kernel = own ?? (folder is null ? null : Path.Combine(folder, PreparedLinux.KernelName));
        if (kernel is not null && parsed.GetResult(architecture) is { Implicit: false })
        {
            string which = own is null
                ? $"the kernel in {folder}, which {PreparedLinux.GuestVariable} names,"
                : $"the kernel of {arguments.Kernel.Name}";
            throw new LilyVMException($"{ArchitectureOption.Name} chooses a prepared guest, and {which} tells its architecture itself; " +
                $"leave out {ArchitectureOption.Name}.");
        }
    }

    /// <summary>Whether it is one that LilyVM builds if it is not there.</summary>
    internal bool IsBuilt => kernel is null;

    /// <summary>Whether its file can be asked. One that is missing is told later.</summary>
    internal bool IsKnown => kernel is null || File.Exists(kernel);

    /// <summary>Its architecture.</summary>
    /// <exception cref="LilyVMException">The file is no kernel.</exception>
    internal GuestArchitecture Architecture => kernel is null ? chosen.Guest : GuestFiles.ArchitectureOf(kernel);

    /// <summary>The recipe whose disks go with it.</summary>
    internal LinuxRecipe Recipe => LinuxRecipe.Of(Architecture);

    /// <summary>The files of the guest that is not the user's own.</summary>
    internal (string Kernel, string Initrd) Prepare(StepProgress progress) => PreparedLinux.GetOrBuild(chosen, progress);
}
