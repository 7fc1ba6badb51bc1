namespace LilyVM.Cli.Commands;

/// <summary>One of QEMU's comma-separated settings, in which a doubled comma is a comma of the value.</summary>
/// <param name="Text">The setting as it was given.</param>
/// <param name="Name">What stands before the equals sign.</param>
/// <param name="Option">The option that it was given to.</param>
internal sealed record Setting(string Text, string Name, string Option)
{
    private readonly string? value;

    private Setting(string text, string[] parts, string option)
        : this(text, parts[0], option) => value = parts.Length == 2 ? parts[1] : null;

    /// <summary>What stands behind it.</summary>
    /// <exception cref="LilyVMException">There is no equals sign.</exception>
    internal string Value => value ?? throw new LilyVMException($"'{Text}' in {Option} has no value; write {Text}=VALUE.");

    /// <summary>Whether it is on.</summary>
    internal bool IsOn => Value switch
    {
        "on" => true,
        "off" => false,
        _ => throw new LilyVMException($"'{Text}' in {Option} is neither on nor off."),
    };

    /// <summary>All settings of a value.</summary>
    internal static IEnumerable<Setting> Split(string text, string option) =>
        text.Replace(",,", "\0", StringComparison.Ordinal).Split(',').Select(s => s.Replace('\0', ','))
            .Select(s => new Setting(s, s.Split('=', 2), option));
}
