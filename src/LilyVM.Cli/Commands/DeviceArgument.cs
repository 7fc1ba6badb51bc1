using System.Globalization;

namespace LilyVM.Cli.Commands;

/// <summary>The value of --device: vhost-user and its settings.</summary>
internal static class DeviceArgument
{
    private const string Option = "--device", VhostUser = "vhost-user";

    /// <summary>Reads the value.</summary>
    internal static VhostUserOptions Parse(string text)
    {
        Setting[] settings = [.. Setting.Split(text, Option)];
        if (settings[0].Text != VhostUser)
        {
            throw new LilyVMException($"'{settings[0].Text}' is no device; {Option} takes {VhostUser},socket=PATH,type=TYPE, disks " +
                "come by --drive, folders by --share.");
        }
        var device = new VhostUserOptions("", "");
        foreach (Setting setting in settings.Skip(1))
        {
            device = setting.Name switch
            {
                "socket" => device with { Socket = setting.Value },
                "type" => device with { Type = setting.Value },
                "tag" => device with { Tag = setting.Value },
                "mac" => device with { Mac = setting.Value },
                "queues" when int.TryParse(setting.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int queues) =>
                    device with { Queues = queues },
                _ => throw new LilyVMException(
                    $"'{setting.Text}' in {Option} is not understood; there are socket, type, tag, mac and queues."),
            };
        }
        return device;
    }
}
