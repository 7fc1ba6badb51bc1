using System.Globalization;
using System.Text;

namespace LilyVM.Boot;

/// <summary>Kernel options that Linux needs on this machine. They stand before the user's, which win where Linux takes the last one.</summary>
public static class LinuxOptions
{
    /// <summary>Options that do not depend on the host or the devices, each for a reason.</summary>
    internal static readonly IReadOnlyList<(string Option, string Reason)> Fixed =
    [
        ("console=ttyS0", "the serial port is the only screen"),
        ("reservetop=8M", "the VM area stays free"),
        ("reboot=panic_warm,t", "a restart ends the machine by a triple fault; a panic leaves another word in the reset flag"),
        ("panic=-1", "a panic restarts at once"),
        ("tsc=reliable", "the time stamp counter is the host's; there is no second clock to watch it with"),
        ("8250.nr_uarts=2", "there are no more serial ports to look for"),
    ];

    /// <summary>The whole command line.</summary>
    internal static string CommandLine(uint tscKiloHertz, int virtioDevices, string user)
    {
        var line = new StringBuilder();
        foreach ((string option, _) in Fixed)
            line.Append(option).Append(' ');
        line.Append(CultureInfo.InvariantCulture, $"tsc_early_khz={tscKiloHertz} ");
        for (int slot = 0; slot < virtioDevices; slot++)
            line.Append(CultureInfo.InvariantCulture, $"virtio_mmio.device=4K@0x{VirtioSlots.Address(slot):x}:{VirtioSlots.Irq(slot)} ");
        return line.Append(user).ToString().TrimEnd(' ');
    }
}
