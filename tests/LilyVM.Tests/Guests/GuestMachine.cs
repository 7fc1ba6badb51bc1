using System.Globalization;
using LilyVM.Abi;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Guests;

/// <summary>A bare PC emulated by QEMU that boots a small guest through multiboot.</summary>
internal static class GuestMachine
{
    private const int TimeLimitSeconds = 20; // a healthy guest takes less than one

    /// <summary>What isa-debug-exit makes of the status 0 that a guest writes to it: twice that, plus one.</summary>
    public const int Success = 1;

    /// <summary>
    /// Runs the guest to its end; with <paramref name="library"/>, the native image lies where converted code expects it. <paramref
    /// name="options"/> are QEMU's.
    /// </summary>
    public static Command.Result Run(string guest, string? library = null, params string[] options)
    {
        string address = VmArea.UnpagedAlias.ToString("x", CultureInfo.InvariantCulture);
        string[] load = library is null ? [] : ["-device", $"loader,file={library},addr=0x{address},force-raw=on"];
        return Command.Run(
            "timeout",
            [
                "-k", "1", TimeLimitSeconds.ToString(CultureInfo.InvariantCulture), "qemu-system-i386", "-M", "pc", "-accel", "tcg", "-cpu",
                "pentium3", "-m", "1024",
                "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
                "-kernel", guest, .. load, .. options,
            ]);
    }
}
