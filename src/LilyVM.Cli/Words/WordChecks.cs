using System.CommandLine;
using System.CommandLine.Parsing;

namespace LilyVM.Cli.Words;

/// <summary>What is wrong with the words of a command line, in one sentence that names the word and what to write instead.</summary>
internal static class WordChecks
{
    /// <summary>What help calls values that are options of a kernel.</summary>
    internal const string KernelOptions = "options";

    /// <summary>Passes where all words are understood.</summary>
    /// <exception cref="UsageException">One is not.</exception>
    internal static void Check(ParseResult parsed)
    {
        string? problem = (parsed.CommandResult.Command.TreatUnmatchedTokensAsErrors ? Unknown(parsed) : null)
            ?? Results(parsed).Select(Problem).FirstOrDefault(p => p is not null) ?? MissingArgument(parsed);
        if (problem is null && parsed.Errors.Count > 0)
            problem = parsed.CommandResult.Command.Action is null ? "No command is given" : parsed.Errors[0].Message.TrimEnd('.');
        if (problem is not null)
            throw new UsageException($"{problem}; see lilyvm {Path(parsed.CommandResult)}--help.");
    }

    /// <summary>The option takes one of these values.</summary>
    internal static void TakesOneOf(this Option option, params string[] names)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !names.Contains(result.Tokens[0].Value))
                result.AddError(NotOneOf(option.Name, result.Tokens[0].Value, names));
        });
        option.CompletionSources.Add(names);
    }

    /// <summary>What is said of a value that is none of those that there are.</summary>
    internal static string NotOneOf(string name, string value, IReadOnlyList<string> names)
    {
        string list = names.Count == 1 ? names[0] : $"{string.Join(", ", names.SkipLast(1))} or {names[^1]}";
        return $"{name} takes {list}, not '{value}'";
    }

    private static IEnumerable<OptionResult> Results(ParseResult parsed)
    {
        for (SymbolResult? command = parsed.CommandResult; command is CommandResult result; command = result.Parent)
        {
            foreach (OptionResult option in result.Children.OfType<OptionResult>().Where(o => !o.Implicit))
                yield return option;
        }
    }

    private static string? Problem(OptionResult result)
    {
        Option option = result.Option;
        string value = option.HelpName ?? "value";
        if (result.IdentifierTokenCount > 1 && option.Arity.MaximumNumberOfValues <= 1)
            return $"{option.Name} is given twice; give it once";
        if (result.Tokens.Count < option.Arity.MinimumNumberOfValues)
            return $"{option.Name} has no value; write {option.Name} {value}";
        // Options of a kernel may come from a variable that is empty; a file, a size or a name is never.
        return result.Tokens.Any(t => t.Value.Length == 0) && value != KernelOptions
            ? $"{option.Name} is empty; write {option.Name} {value}" : null;
    }

    private static string? MissingArgument(ParseResult parsed) =>
        parsed.CommandResult.Command.Arguments.FirstOrDefault(
            a => (parsed.GetResult(a)?.Tokens.Count ?? 0) < a.Arity.MinimumNumberOfValues) is { } missing
            ? $"No {missing.Name} is given; write lilyvm {Path(parsed.CommandResult)}{missing.Name.ToUpperInvariant()}"
            : null;

    private static string? Unknown(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if ((UnknownOption(parsed) ?? (parsed.UnmatchedTokens.Count > 0 ? parsed.UnmatchedTokens[0] : null)) is not { } word)
            return null;
        bool isOption = word.StartsWith('-');
        IEnumerable<string> known = isOption ? OptionNames(command) : command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name);
        if (NearestWord.To(word.Split('=', ':')[0], known) is { } nearest)
            return $"'{word}' is not understood, perhaps {nearest} is meant";
        if (isOption && command.Options.FirstOrDefault(
            o => word.Length > 2 && char.IsAsciiDigit(word[2]) && o.Aliases.Contains(word[..2])) is not null)
            return $"'{word}' is not understood, write {word[..2]} {word[2..]}";
        return isOption && parsed.CommandResult.Parent is null && QemuOptions.All.Any(o => o.Name == word)
            ? $"'{word}' is an option of `lilyvm run` and `lilyvm boot`, whose name comes first"
            : !isOption && command.Subcommands.Count == 0 && command.Arguments.Count == 0
                ? $"'{word}' is not understood, as lilyvm {command.Name} takes options only"
            : $"'{word}' is not understood";
    }

    // The library takes it for the first argument where the command has any; behind that it may belong to a command that is run.
    private static string? UnknownOption(ParseResult parsed)
    {
        HashSet<Token> values = new(Results(parsed).SelectMany(r => r.Tokens), ReferenceEqualityComparer.Instance);
        Token? first = parsed.Tokens.TakeWhile(t => t.Type != TokenType.DoubleDash)
            .FirstOrDefault(t => t.Type == TokenType.Argument && !values.Contains(t));
        return first is { Value: ['-', _, ..] } ? first.Value : null;
    }

    private static IEnumerable<string> OptionNames(Command command) =>
        [.. command.Options.Where(o => !o.Hidden).Select(o => o.Name),
            .. QemuWords.AreTakenBy(command) ? QemuOptions.All.Select(o => o.Name) : []];

    // The names of the commands up to the one that was meant, so that the hint fits.
    private static string Path(SymbolResult? command) =>
        command is CommandResult { Parent: not null } inner ? $"{Path(inner.Parent)}{inner.Command.Name} " : "";
}
