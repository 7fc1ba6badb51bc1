namespace LilyVM.Cli.Terminal;

/// <summary>Where a guest's console goes.</summary>
internal enum ConsoleKind
{
    /// <summary>Our standard streams.</summary>
    Standard,

    /// <summary>A new pseudoterminal.</summary>
    PseudoTerminal,

    /// <summary>A file, which gets what the guest prints.</summary>
    File,

    /// <summary>Nowhere: what the guest prints is forgotten, and nobody types.</summary>
    None,
}

/// <summary>The value of --console.</summary>
/// <param name="Kind">Where it goes.</param>
/// <param name="Path">The file, if it is one.</param>
internal readonly record struct ConsoleChoice(ConsoleKind Kind, string? Path = null)
{
    private const string FilePrefix = "file:";

    /// <summary>Reads the value, in QEMU's spelling.</summary>
    internal static ConsoleChoice Parse(string text) => text switch
    {
        "stdio" or "mon:stdio" => new(ConsoleKind.Standard),
        "pty" => new(ConsoleKind.PseudoTerminal),
        "none" => new(ConsoleKind.None),
        _ when text.StartsWith(FilePrefix, StringComparison.Ordinal) && text.Length > FilePrefix.Length =>
            new(ConsoleKind.File, text[FilePrefix.Length..]),
        _ => throw new LilyVMException($"'{text}' is no console; give stdio, pty, none or file:PATH."),
    };
}
