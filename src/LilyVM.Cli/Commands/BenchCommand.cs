using System.CommandLine;

namespace LilyVM.Cli.Commands;

/// <summary>lilyvm bench: a program of its own, which the script ./lilyvm starts; it is here for the sake of help.</summary>
internal static class BenchCommand
{
    internal static Command Create()
    {
        var words = new Argument<string[]>("words") { Arity = ArgumentArity.ZeroOrMore, Hidden = true };
        var command = new Command("bench", "Do the experiment (docs/experiment.md), or parts of it; ./lilyvm bench --help shows more.")
        {
            words,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(new Func<ParseResult, int>(
            _ => throw new LilyVMException("`bench` works from a checkout of LilyVM only; run ./lilyvm bench there.")));
        return command;
    }
}
