using LilyVM.Assembler.CommandLine;
using LilyVM.Boot;
using LilyVM.Cli.Commands;
using LilyVM.Cli.Guests;

namespace LilyVM.Cli.Help;

/// <summary>What help pages say beyond commands and options: data, which the pages show and tests check.</summary>
internal static class HelpSections
{
    /// <summary>How lilyvm ends.</summary>
    internal static HelpSection ExitStatus { get; } = new(
        "Exit status",
        ("0", "All is well; for a machine, the guest ended it so, or Ctrl-A x did."),
        ("the guest's", "What a script of --script, or a guest by its test port, ended with."),
        ("1", "It cannot be done: a file, a value or the host is not as it should be, or an audit found something."),
        ("2", "The words of the command line are not understood; nothing was begun."),
        ("125", "The guest crashed, or some of its output is lost."),
        ("128 and more", "A signal ended it: 128 and its number."));

    /// <summary>What lilyvm reads of its environment.</summary>
    internal static HelpSection Environment { get; } = new(
        "Environment",
        (CacheLocation.OwnVariable, "Where guests and what they are built from are kept."),
        (CacheLocation.XdgVariable, "Where that folder is, as lilyvm, unless the one above names it; usually ~/.cache."),
        ("TMPDIR", "Where files of a run are kept, and what guests write to disks with snapshot=on; usually /tmp."),
        (TestCommand.PulseVariable, "For the tests: seconds after which they say which of them run; `lilyvm test` sets it."),
        ("NO_COLOR", "If set, tables have no colours."),
        (PreparedLinux.GuestVariable,
            $"A folder with {PreparedLinux.KernelName} and {PreparedLinux.InitrdName} that `lilyvm boot` takes instead of " +
            "building a guest."),
        (ProjectFiles.HomeVariable, "The checkout that guests are built from; ./lilyvm sets it."),
        (PassThrough.Variable, "For lily-as: a file of globs for outputs that it leaves alone."),
        (PassThrough.AbsoluteCallsVariable, "For lily-as --64: a file of globs for outputs that run at physical addresses."),
        ("LILYVM_STATS", "For lily-as: a file that gets a line for each input (`lilyvm stats` sums them)."),
        ("LILYVM_TWIN", "For lily-as: 1 also makes the unconverted object, X.o.plain beside X.o."),
        ("LILYVM_AS", "For lily-as: the assembler that it calls, unless the first as on PATH."));

    private static HelpSection Machine { get; } = new(
        "Limits",
        ("drives", $"{MachineOptions.MaxDrives}: /dev/vda to /dev/vd{(char)('a' + MachineOptions.MaxDrives - 1)}, in the order " +
            "they are given"),
        ("virtio devices", $"{VirtioSlots.Count}: drives, shared folders, devices of other processes, the source of entropy, and the " +
            "virtio console if it is asked for"),
        ("memory", $"{GuestLayout.MinFreeRam >> 20}M to " +
            $"{string.Join(", ", GuestArchitecture.All.Select(a => $"{a.MaxRam >> 30}G ({a.Name})"))}"),
        ("processors", "1"));

    private static HelpSection Keys { get; } = new(
        "Keys on a terminal",
        ("Ctrl-A x", "end the machine"),
        ("Ctrl-A c", "the monitor: counters, registers, pause, continue, quit"),
        ("Ctrl-A a", "send Ctrl-A to the guest"),
        ("Ctrl-A h", "show these keys"));

    private static HelpSection Qemu { get; } = new("QEMU's spelling",
        ("-kernel, -hda, -m, -nographic and the like are understood too, or refused by name; see lilyvm help qemu.", ""));

    /// <summary>The parts of a command's page, by the command's names; the first page is that of no command.</summary>
    internal static IReadOnlyList<HelpSection> Of(string path) => path switch
    {
        "" =>
        [
            new HelpSection(
                "Examples",
                ("lilyvm boot", "a shell in the prepared Linux"),
                ("lilyvm boot --script FILE", "run a shell script in it and exit with its status"),
                ("lilyvm help boot", "options, limits and keys of a command"),
                ("lilyvm help qemu", "QEMU's options and what they are here")),
            ExitStatus,
            Environment,
        ],
        "boot" =>
        [
            Keys,
            Machine,
            new HelpSection(
                "Examples",
                ("lilyvm boot --memory 512M --drive disk.img", "the prepared Linux on a disk of yours"),
                ("lilyvm boot --rootfs debian", "a Debian system"),
                ("lilyvm boot --share .:/work", "this folder as the guest's /work"),
                ("lilyvm boot --script FILE --counters", "what a script costs"),
                ("lilyvm boot --kernel vmlinux --initrd initrd.cpio", "your own converted kernel")),
            Qemu,
            ExitStatus,
        ],
        "container run" =>
        [
            new HelpSection(
                "Examples",
                ("lilyvm container run -it docker://debian", "a shell in Debian"),
                ("lilyvm container run -p 8080:80 docker://nginx", "a server, reached at port 8080 of the host"),
                ("lilyvm container run -v .:/work -w /work docker://gcc make", "a build in this folder"),
                ("lilyvm container run oci:FOLDER:TAG uname -r", "an image of yours")),
            new HelpSection(
                "Exit status",
                ("the program's", "That of the container's program; 128 and its number if a signal ended that."),
                ("126, 127", "The program cannot be run, or is not there."),
                ("125", "The machine did not come to its end, or some of its output is lost."),
                ("1, 2", "It cannot be done, or the words are not understood; nothing was begun.")),
        ],
        "run" =>
        [
            Keys,
            Machine,
            new HelpSection(
                "Examples",
                ("lilyvm run --kernel kernel.elf --memory 64M", "a small kernel"),
                ("lilyvm run --kernel vmlinux --initrd initrd.cpio --append \"rdinit=/bin/sh\" --drive file=disk.img,snapshot=on", ""),
                ("lilyvm run --kernel kernel.elf --console file:log </dev/null", "without a terminal")),
            Qemu,
            ExitStatus,
        ],
        "lab" =>
        [
            new HelpSection(
                "Examples",
                ("lilyvm lab -- uname -a", "a command under the lab's kernel"),
                ("lilyvm lab --file S -- lilyvm boot --engine kernel --script S", "a guest under the kernel engine"),
                ("lilyvm lab shell", "a shell there")),
            new HelpSection(
                "Exit status",
                ("the command's", "All eight bits of it."),
                ("124", "It did not end in time."),
                ("125", "The lab's kernel reports a bug, a module did not load, or the machine ended too soon.")),
        ],
        _ => [],
    };
}
