using System.Globalization;

namespace LilyVM.Cli.Lab;

/// <summary>Turns a run into QEMU's arguments. Never KVM: the lab shall run anywhere, and be the same everywhere.</summary>
internal static class LabCommandLine
{
    internal const string Program = "qemu-system-x86_64";

    // What a boot does not need: the self-tests of cryptography and Debian's keys alone are half of it. The clock of an emulated processor
    // on a busy computer looks unstable, but is not. noreplace-smp: DS prefixes in place of LOCK would be obeyed (docs/lab.md).
    private const string KernelOptions =
        "console=ttyS0 loglevel=3 rdinit=/init panic=-1 oops=panic tsc=reliable no_timer_check noreplace-smp audit=0 apparmor=0 " +
        "cryptomgr.notests initcall_blacklist=load_system_certificate_list,init_blk_tracer,crypto_kdf108_init";

    /// <summary>The arguments; <paramref name="folder"/> holds the RAM disk, the sockets and the log.</summary>
    internal static IReadOnlyList<string> Arguments(LabOptions options, string kernel, LabFolder folder)
    {
        string forGdb = options.GdbSocket is null ? "" : "nokaslr "; // symbols are where vmlinux says
        string append = $"{KernelOptions} {options.Variant.KernelOptions} {forGdb}{options.KernelOptions}".TrimEnd();
        // Packages of one processor each: of others the BIOS's MP table, all that a kernel without ACPI has, names the first one only.
        List<string> arguments =
        [
            "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-accel", "tcg", "-machine", "pc",
            "-cpu", options.Variant.Cpu, "-smp", $"{Number(options.Cpus)},sockets={Number(options.Cpus)}", "-m", Number(options.MemoryMiB),
            "-kernel", kernel, "-initrd", folder.RamDisk, "-append", append,
            "-serial", "file:" + Escape(folder.Log),
        ];
        if (options.Command.Count == 0)
            arguments.AddRange(["-serial", "mon:stdio"]);
        else
        {
            arguments.AddRange(["-serial", "unix:" + Escape(folder.Output)]);
            arguments.AddRange(["-chardev", "stdio,id=qmp,signal=off", "-mon", "chardev=qmp,mode=control"]);
        }
        arguments.AddRange(["-serial", "unix:" + Escape(folder.Errors), "-serial", "unix:" + Escape(folder.Status)]);
        foreach (DriveOptions disk in options.Disks)
            arguments.AddRange(["-drive",
                $"file={Escape(disk.Path)},format=raw,if=virtio,readonly={Switch(disk.ReadOnly)},snapshot={Switch(disk.Snapshot)}"]);
        if (options.CountInstructions)
            arguments.AddRange(["-icount", "shift=0,sleep=off"]);
        if (options.GdbSocket is { } socket)
            arguments.AddRange(["-S", "-chardev", $"socket,id=gdb,path={Escape(socket)},server=on,wait=off", "-gdb", "chardev:gdb"]);
        return arguments;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Switch(bool on) => on ? "on" : "off";

    // A comma would end the value.
    private static string Escape(string path) => path.Replace(",", ",,", StringComparison.Ordinal);
}
