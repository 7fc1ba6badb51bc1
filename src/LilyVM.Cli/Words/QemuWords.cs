using System.CommandLine;
using LilyVM.Cli.Commands;

namespace LilyVM.Cli.Words;

/// <summary>
/// Puts QEMU's options into our words before System.CommandLine reads them, so that help has one spelling, and no option of QEMU's is taken
/// for something else or passed over.
/// </summary>
/// <param name="command">The command that they are given to.</param>
internal sealed class QemuWords(Command command)
{
    private const string EndOfOptions = "--", Help = "-help", Version = "-version", FirstDisk = "-hda", LastDisk = "-hdd";

    private readonly HashSet<string> given = [];
    private readonly SortedList<string, string> disks = []; // hda comes before hdb, whatever the order of words

    /// <summary>Whether the command runs a machine, so that people know it by QEMU's options.</summary>
    internal static bool AreTakenBy(Command command) => command.Options.Any(o => o.Name == MachineArguments.KernelName);

    /// <summary>The words of a command line whose first one is the command's name.</summary>
    /// <exception cref="UsageException">An option is refused, or lacks its value.</exception>
    internal IReadOnlyList<string> Translate(IReadOnlyList<string> args)
    {
        List<string> words = [args[0]];
        for (int i = 1; i < args.Count; i++)
        {
            string word = args[i];
            if (word == EndOfOptions)
            {
                words.AddRange(args.Skip(i));
                break;
            }
            if (word is Help or Version)
                return word == Help ? [args[0], "--help"] : ["--version"];
            if (word.EndsWith('=') && Ours(word[..^1]) is not null)
            {
                words.AddRange(word[..^1], ""); // an empty value, for which the library would take the next word
                continue;
            }
            string? value = TakesValue(word) && i + 1 < args.Count && !IsOption(args[i + 1]) ? args[++i] : null;
            if (Find(word) is { } rows)
                Add(rows, value, words);
            else if (value is not null)
                words.AddRange(word, value);
            else if (TakesValue(word))
                throw new UsageException($"{word} has no value; write {word} {Ours(word)!.HelpName}; see lilyvm {command.Name} --help.");
            else
                words.Add(word);
        }
        words.InsertRange(1, disks.Values);
        return words;
    }

    private void Add(List<QemuOption> rows, string? value, List<string> words)
    {
        string name = rows[0].Name;
        if (rows is [{ TakesValue: true, MayBeEmpty: true }] && value is "")
            return;
        if (rows[0].TakesValue && rows.Any(r => r.Verdict != QemuVerdict.Refused))
            value = value is { Length: > 0 }
                ? rows[0].WithoutKey(value)
                : throw new UsageException($"{name} has no value; write {name} {rows[^1].Values}.");
        QemuOption row = rows.First(r => value is null || r.IsFor(value));
        if (row.Verdict == QemuVerdict.Refused)
            throw new UsageException(
                $"QEMU's {$"{name} {(row.TakesAnything && rows.Count > 1 ? value : "")}".TrimEnd()} is refused: {row.Text}.");
        if (row.Verdict == QemuVerdict.Harmless)
            return;
        if (!given.Add(name))
            throw new UsageException($"{name} is given twice; give it once.");
        if (string.CompareOrdinal(name, FirstDisk) >= 0 && string.CompareOrdinal(name, LastDisk) <= 0)
            disks.Add(name, row.Word(value!));
        else
            words.Add(row.Word(value ?? ""));
    }

    private bool TakesValue(string word) =>
        Ours(word) is { } option ? option.Arity.MinimumNumberOfValues > 0 : Find(word) is [{ TakesValue: true }, ..];

    private bool IsOption(string word) => Ours(word) is not null || Find(word) is not null;

    private Option? Ours(string word) => command.Options.FirstOrDefault(o => o.Name == word || o.Aliases.Contains(word));

    // QEMU takes two dashes for one.
    private List<QemuOption>? Find(string word)
    {
        if (Ours(word) is not null || word.Length < 2 || word[0] != '-')
            return null;
        string name = word.StartsWith("--", StringComparison.Ordinal) ? word[1..] : word;
        List<QemuOption> rows = [.. QemuOptions.All.Where(o => o.Name == name)];
        return rows.Count > 0 ? rows : null;
    }
}
