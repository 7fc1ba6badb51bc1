namespace LilyVM.Cli.Terminal;

/// <summary>What a key on the terminal means.</summary>
internal enum KeyAction
{
    /// <summary>It goes to the guest.</summary>
    Send,

    /// <summary>Nothing yet: the next key decides.</summary>
    Wait,

    /// <summary>The machine ends.</summary>
    End,

    /// <summary>The monitor opens.</summary>
    Monitor,

    /// <summary>The list of keys is shown.</summary>
    Help,
}

/// <summary>Finds the keys that are meant for LilyVM among those for the guest: Ctrl-A and a letter, as in QEMU and screen.</summary>
internal sealed class EscapeKeys
{
    /// <summary>The list of keys.</summary>
    internal const string Help = "Ctrl-A x  end the machine\nCtrl-A c  monitor\nCtrl-A a  send Ctrl-A to the guest\nCtrl-A h  this list\n";

    private const byte ControlA = 1;
    private bool escaped;

    /// <summary>Takes the next key; with <see cref="KeyAction.Send"/>, <paramref name="sent"/> is what goes to the guest.</summary>
    internal KeyAction Next(byte key, out byte sent)
    {
        sent = escaped ? ControlA : key;
        if (!escaped)
        {
            escaped = key == ControlA;
            return escaped ? KeyAction.Wait : KeyAction.Send;
        }
        escaped = false;
        return key switch
        {
            (byte)'x' or (byte)'X' => KeyAction.End,
            (byte)'c' or (byte)'C' => KeyAction.Monitor,
            (byte)'h' or (byte)'H' or (byte)'?' => KeyAction.Help,
            (byte)'a' or ControlA => KeyAction.Send,
            _ => KeyAction.Wait, // as if nothing was typed
        };
    }
}
