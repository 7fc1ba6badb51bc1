namespace LilyVM.Cli.Words;

/// <summary>What becomes of an option of QEMU's.</summary>
internal enum QemuVerdict
{
    /// <summary>It is done: <see cref="QemuOption.Text"/> is what it means in our words.</summary>
    Done,

    /// <summary>It is so already: <see cref="QemuOption.Text"/> says why nothing has to be done.</summary>
    Harmless,

    /// <summary>It is refused: <see cref="QemuOption.Text"/> says what there is not, and what to do instead.</summary>
    Refused,
}

/// <summary>A row of the table of QEMU's options, for some or for all values of an option.</summary>
/// <param name="Name">QEMU's spelling, with one dash; two are understood as well, as QEMU does.</param>
/// <param name="Values">
/// What follows: nothing if empty, anything if in capitals (FILE), else the values that this row is for, with | between them; behind one
/// that ends with = comes a name.
/// </param>
/// <param name="Verdict">What becomes of it.</param>
/// <param name="Text">In <see cref="QemuVerdict.Done"/> {value} is the value, and {file} a file's name as a setting of --drive.</param>
/// <param name="Key">The name of the first setting where QEMU lets it be left out: -m size=1G is -m 1G.</param>
internal sealed record QemuOption(string Name, string Values, QemuVerdict Verdict, string Text, string Key = "")
{
    /// <summary>Whether an empty value is as good as none: options of a kernel may come from a variable that is empty.</summary>
    internal bool MayBeEmpty { get; init; }

    /// <summary>Whether a value follows.</summary>
    internal bool TakesValue => Values.Length > 0;

    /// <summary>Whether it follows and is anything.</summary>
    internal bool TakesAnything => TakesValue && char.IsAsciiLetterUpper(Values[0]);

    /// <summary>Whether the row is for this value, which has no key any more.</summary>
    internal bool IsFor(string value) => !TakesValue || TakesAnything || Values.Split('|').Any(v => v == value
        || (v.EndsWith('=') && value.StartsWith(v, StringComparison.Ordinal) && !value[v.Length..].Contains(',')));

    /// <summary>The value without its key.</summary>
    internal string WithoutKey(string value) =>
        Key.Length > 0 && value.StartsWith(Key + "=", StringComparison.Ordinal) ? value[(Key.Length + 1)..] : value;

    /// <summary>Our word for it, if it is done.</summary>
    internal string Word(string value) => Text
        .Replace("{value}", value, StringComparison.Ordinal)
        .Replace("{file}", value.Replace(",", ",,", StringComparison.Ordinal), StringComparison.Ordinal);
}
