using LilyVM.Boot;
using LilyVM.Cli.Terminal;
using LilyVM.Native;

namespace LilyVM.Cli.Commands;

/// <summary>A machine's options for QEMU, which runs it where no engine can.</summary>
/// <param name="options">What was asked for.</param>
/// <param name="errors">Where it is said.</param>
internal sealed class QemuFallback(MachineOptions options, TextWriter errors)
{
    /// <summary>What was asked for that QEMU's machine does not have; null if it has all.</summary>
    internal string? NotThere { get; init; }

    /// <summary>Whether kernels that were not converted are taken too.</summary>
    internal bool AllowsUnconverted { get; init; }

    /// <summary>The machine in the place of one that cannot run, having said why.</summary>
    internal MachineMaker InsteadOf(NotDirectlyException problem)
    {
        if (NotThere is not null)
            throw new LilyVMException(
                $"{problem.Reason}, so only QEMU can run the guest here, with which {NotThere} does not work; leave it out.");
        errors.WriteLine($"lilyvm: {problem.Reason}, so the guest runs in QEMU (--engine native), many times slower.");
        return Make();
    }

    /// <summary>The machine.</summary>
    internal MachineMaker Make() => MachinePlan.Of(Boot(), errors);

    private QemuBoot Boot()
    {
        var kernel = Elf.Load(options.Kernel);
        string linux = NativeTarget.Of(ConversionNotes.Read(kernel).Architecture).LinuxOptions;
        return new QemuBoot
        {
            Kernel = options.Kernel,
            Initrd = options.Initrd,
            Modules = options.Modules,
            Cpu = options.Cpu,
            CommandLine = kernel.IsMultiboot ? options.CommandLine : $"{linux} {options.CommandLine}".TrimEnd(),
            MemoryBytes = options.MemoryBytes,
            Drives = [.. options.Drives.Select(d => new QemuDrive(d.Path, KeepWrites: !d.Snapshot, d.ReadOnly))],
            AllowUnconverted = AllowsUnconverted,
        };
    }
}
