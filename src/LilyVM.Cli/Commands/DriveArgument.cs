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
        foreach (string setting in text.Replace(",,", "\0", StringComparison.Ordinal).Split(','))
        {
            string[] parts = setting.Replace('\0', ',').Split('=', 2);
            string value = parts.Length == 2 ? parts[1]
                : throw new LilyVMException($"'{setting}' in {option} has no value; write {setting}=VALUE.");
            drive = parts[0] switch
            {
                "file" => drive with { Path = value },
                "readonly" => drive with { ReadOnly = Switch(setting, value, option) },
                "snapshot" => drive with { Snapshot = Switch(setting, value, option) },
                "format" when value == "raw" => drive,
                "format" => throw new LilyVMException(
                    $"The disk format '{value}' is unknown; convert the image with `qemu-img convert -O raw`."),
                "if" when value == "virtio" => drive,
                _ => throw new LilyVMException(
                    $"'{setting}' in {option} is not understood; there are file, format=raw, readonly and snapshot."),
            };
        }
        return drive.Path.Length > 0 ? drive : throw new LilyVMException($"{option} names no file; write file=PATH.");
    }

    // A path may hold commas and equals signs too, so only what begins with a setting is taken for settings.
    private static bool IsSettings(string text) =>
        ((string[])["file=", "readonly=", "snapshot=", "format=", "if="]).Any(s => text.StartsWith(s, StringComparison.Ordinal));

    private static bool Switch(string setting, string value, string option) => value switch
    {
        "on" => true,
        "off" => false,
        _ => throw new LilyVMException($"'{setting}' in {option} is neither on nor off."),
    };
}
