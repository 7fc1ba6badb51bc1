using LilyVM.Daemons;

namespace LilyVM.Cli.Commands;

/// <summary>
/// The value of --drive, or of an option like it: a path, or QEMU's comma-separated settings, in which a doubled comma is a comma of the
/// path.
/// </summary>
internal static class DriveArgument
{
    /// <summary>Reads the value.</summary>
    internal static DriveOptions Parse(string text, string option = "--drive")
    {
        if (!IsSettings(text))
            return new DriveOptions(text);
        var drive = new DriveOptions("");
        foreach (Setting setting in Setting.Split(text, option))
        {
            drive = setting.Name switch
            {
                "file" => drive with { Path = setting.Value },
                "readonly" => drive with { ReadOnly = setting.IsOn },
                "snapshot" => drive with { Snapshot = setting.IsOn },
                "format" => drive with { Format = setting.Value == ImageFormat.Raw ? null : setting.Value },
                "keyfile" => drive with { KeyFile = setting.Value },
                "if" when setting.Value == "virtio" => drive,
                _ => throw new LilyVMException(
                    $"'{setting.Text}' in {option} is not understood; there are file, format, readonly, snapshot and keyfile."),
            };
        }
        return drive.Path.Length > 0 ? drive : throw new LilyVMException($"{option} names no file; write file=PATH.");
    }

    // A path may hold commas and equals signs too, so only what begins with a setting is taken for settings.
    private static bool IsSettings(string text) =>
        ((string[])["file=", "readonly=", "snapshot=", "format=", "keyfile=", "if="])
            .Any(s => text.StartsWith(s, StringComparison.Ordinal));
}
