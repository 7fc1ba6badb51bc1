using System.Globalization;
using System.Text;

namespace LilyVM.Boot;

/// <summary>
/// Kernel options that Linux needs on this machine. They stand before the user's, which win where Linux takes the last one.
/// </summary>
public static class LinuxOptions
{
    /// <summary>Options that depend on nothing, each for a reason.</summary>
    internal static readonly IReadOnlyList<(string Option, string Reason)> Fixed =
    [
        ("reboot=panic_warm,t", "a restart ends the machine by a triple fault; a panic leaves another word in the reset flag"),
        ("panic=-1", "a panic restarts at once"),
        ("tsc=reliable", "the time stamp counter is the host's; there is no second clock to watch it with"),
        ("8250.nr_uarts=2", "there are no more serial ports to look for"),
    ];

    /// <summary>
    /// The serial port as the console, at its highest speed and with RTS and CTS: so a guest that cannot take more input lets us wait,
    /// where it would throw away what comes (Linux: Documentation/admin-guide/serial-console.rst).
    /// </summary>
    internal const string SerialConsole = "console=ttyS0,115200n8r";

    /// <summary>The option that makes the virtio console the guest's.</summary>
    internal const string VirtioConsole = "console=hvc0";

    /// <summary>Of an IA-32 kernel: the VM area stays free. Others are built so.</summary>
    internal const string FreeTop = "reservetop=8M";

    // With it, every message appears once: on the serial port until hvc0 takes over.
    private const string EarlyConsole = "earlycon=uart8250,io,0x3f8";

    /// <summary>Whether the user's options say so: then the machine has one.</summary>
    internal static bool UsesVirtioConsole(string user) =>
        user.Split(' ').TakeWhile(word => word != "--").Any(word => word == VirtioConsole);

    /// <summary>The whole command line.</summary>
    /// <param name="guest">The guest's architecture.</param>
    /// <param name="tscKiloHertz">Frequency of the time stamp counter.</param>
    /// <param name="virtioDevices">Number of virtio-mmio devices, from slot 0 on.</param>
    /// <param name="network">What the guest is told of its network; may be empty.</param>
    /// <param name="user">The user's options.</param>
    internal static string CommandLine(GuestArchitecture guest, uint tscKiloHertz, int virtioDevices, string network, string user)
    {
        var line = new StringBuilder();
        line.Append(UsesVirtioConsole(user) ? EarlyConsole : SerialConsole).Append(' ');
        if (guest == GuestArchitecture.Ia32)
            line.Append(FreeTop).Append(' ');
        foreach ((string option, _) in Fixed)
            line.Append(option).Append(' ');
        line.Append(CultureInfo.InvariantCulture, $"tsc_early_khz={tscKiloHertz} ");
        for (int slot = 0; slot < virtioDevices; slot++)
            line.Append(CultureInfo.InvariantCulture, $"virtio_mmio.device=4K@0x{VirtioSlots.Address(slot):x}:{VirtioSlots.Irq(slot)} ");
        if (network.Length > 0)
            line.Append(network).Append(' ');
        return line.Append(user).ToString().TrimEnd(' ');
    }
}
