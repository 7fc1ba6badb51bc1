using System.CommandLine;

namespace LilyVM.Cli.Containers;

/// <summary>
/// Puts the words of <c>container run</c> as docker takes them into those that System.CommandLine reads: -it for -i -t, docker's long
/// names for the short ones, and what stands behind the image is the command's, whatever it looks like.
/// </summary>
internal static class ContainerWords
{
    private static readonly Dictionary<string, string> LongNames = new()
    {
        ["--interactive"] = "-i",
        ["--tty"] = "-t",
        ["--volume"] = "-v",
        ["--publish"] = "-p",
        ["--env"] = "-e",
        ["--workdir"] = "-w",
        ["--user"] = "-u",
        ["-m"] = "--memory",
        ["--net"] = "--network",
    };

    /// <summary>The words of a command line that begins with <c>container run</c>.</summary>
    internal static IReadOnlyList<string> Translate(Command run, IReadOnlyList<string> args)
    {
        List<string> words = [.. args.Take(2)];
        for (int i = 2; i < args.Count; i++)
        {
            string word = args[i];
            if (!word.StartsWith('-') || word == "--")
            {
                words.Add("--");
                words.AddRange(args.Skip(word == "--" ? i + 1 : i));
                break;
            }
            if (word is "-it" or "-ti")
            {
                words.AddRange("-i", "-t");
                continue;
            }
            int equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=') : -1;
            string name = equals < 0 ? word : word[..equals];
            name = LongNames.GetValueOrDefault(name, name);
            words.Add(name);
            if (equals >= 0)
                words.Add(word[(equals + 1)..]);
            else if (TakesValue(run, name) && i + 1 < args.Count)
                words.Add(args[++i]);
        }
        return words;
    }

    private static bool TakesValue(Command run, string name) => run.Options.Any(o => o.Name == name && o.Arity.MinimumNumberOfValues > 0);
}
