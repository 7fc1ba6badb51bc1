using System.CommandLine;
using LilyVM.Cli.Guests;
using LilyVM.Native;

namespace LilyVM.Cli.Commands;

/// <summary>lilyvm boot: starts a guest with its console on this terminal.</summary>
internal static class BootCommand
{
    private const string NativeEngine = "native", FirstDisk = "lilyvm.root=/dev/vda";

    internal static Command Create()
    {
        var kernel = new Option<string?>("--kernel")
        {
            Description = "The kernel, a converted ELF file; without it the Linux guest that `lilyvm guest build linux` made.",
            HelpName = "file",
        };
        var initrd = new Option<string?>("--initrd") { Description = "Initial RAM disk.", HelpName = "file" };
        var append = new Option<string?>("--append") { Description = $"Kernel options, added to {QemuBoot.LinuxDefaults}.", HelpName = "options" };
        var drives = new Option<string[]>("--drive") { Description = "Disk image, raw; may be given again: /dev/vda, vdb and so on.", HelpName = "file" };
        var snapshot = new Option<bool>("--snapshot") { Description = "Forget what the guest writes to its disks." };
        var unconverted = new Option<bool>("--unconverted") { Description = "Also take a kernel that was not converted, to compare with." };
        var engine = new Option<string>("--engine")
        {
            Description = "What runs the guest; native is a bare machine emulated by QEMU.",
            DefaultValueFactory = _ => NativeEngine,
        };
        engine.AcceptOnlyFromAmong(NativeEngine);
        var command = new Command("boot", "Boot a guest with its console on this terminal; Ctrl-A X ends it.")
        {
            kernel, initrd, append, drives, snapshot, unconverted, engine,
        };
        command.SetAction(parsed =>
        {
            string[] disks = parsed.GetValue(drives) ?? [];
            string options = $"{QemuBoot.LinuxDefaults} {parsed.GetValue(append)}".TrimEnd();
            (string File, string? Initrd) guest = (parsed.GetValue(kernel)!, parsed.GetValue(initrd));
            if (guest.File is null)
            {
                LinuxFiles prepared = new LinuxGuest(ProjectFiles.Find(), GuestCache.Find(), StepProgress.ForConsole()).Build(withOracle: false, Environment.ProcessorCount);
                guest = (prepared.Kernel, guest.Initrd ?? prepared.Initrd);
                // What else would the disk be for? The prepared RAM disk takes its root from this option (guests/linux/README.md).
                if (disks.Length > 0 && !options.Contains("lilyvm.root=", StringComparison.Ordinal))
                    options = $"{options} {FirstDisk}";
            }
            return QemuMachine.RunInteractive(new QemuBoot
            {
                Kernel = guest.File,
                Initrd = guest.Initrd,
                CommandLine = options,
                Drives = [.. disks.Select(d => new QemuDrive(d, KeepWrites: !parsed.GetValue(snapshot)))],
                AllowUnconverted = parsed.GetValue(unconverted),
            });
        });
        return command;
    }
}
