namespace LilyVM.Cli.Words;

/// <summary>The table of QEMU's options as text, for <c>lilyvm help qemu</c> and docs/qemu.md.</summary>
internal static class QemuReference
{
    private const int Column = 24; // longer options have a line of their own

    /// <summary>The table with its heading, in lines.</summary>
    internal static IEnumerable<string> Lines()
    {
        yield return "QEMU's options, as `lilyvm boot` and `lilyvm run` take them:";
        yield return "";
        foreach (QemuOption option in QemuOptions.All)
        {
            string name = $"{option.Name} {option.Values.Replace("|", " or ", StringComparison.Ordinal)}".TrimEnd();
            if (name.Length > Column)
                yield return name;
            yield return $"{(name.Length > Column ? "" : name).PadRight(Column)}  {Meaning(option)}";
        }
    }

    private static string Meaning(QemuOption option) => option.Verdict switch
    {
        QemuVerdict.Done => option.Word(option.Values),
        QemuVerdict.Harmless => $"nothing to do: {option.Text}",
        _ => $"refused: {option.Text}",
    };
}
