using System.Diagnostics;
using Spectre.Console;

namespace LilyVM.Cli.Guests;

/// <summary>Shows on standard error that a long step goes on, so that standard output stays usable in pipes.</summary>
internal abstract class StepProgress
{
    /// <summary>Bars when somebody watches, lines for logs otherwise.</summary>
    internal static StepProgress ForConsole() => Console.IsErrorRedirected ? new LineProgress(Console.Error) : new BarProgress();

    /// <summary>Tells something in a line of its own.</summary>
    internal abstract void Tell(string line);

    /// <summary>Does <paramref name="work"/>, which calls its argument with (done, what is being done). <paramref name="total"/> may be a guess, or 0.</summary>
    internal abstract void Run(string title, int total, Action<Action<int, string>> work);

    /// <summary>Does work of which nothing is known but that it takes a while.</summary>
    internal void Run(string title, Action work) => Run(title, 0, _ => work());
}

/// <summary>Plain lines: the start of a step, each tenth of it, and its end.</summary>
internal sealed class LineProgress(TextWriter output) : StepProgress
{
    internal override void Tell(string line) => output.WriteLine(line);

    internal override void Run(string title, int total, Action<Action<int, string>> work)
    {
        var clock = Stopwatch.StartNew();
        int tenths = 0;
        output.WriteLine($"{title} ...");
        work((done, what) =>
        {
            if (total > 0 && done * 10 / total > tenths && done < total)
            {
                tenths = done * 10 / total;
                output.WriteLine($"{title}: {done} of about {total} ({what})");
            }
        });
        output.WriteLine($"{title}: done in {clock.Elapsed.TotalSeconds:0} s");
    }
}

/// <summary>Bars on a terminal.</summary>
internal sealed class BarProgress : StepProgress
{
    private readonly IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    internal override void Tell(string line) => console.WriteLine(line);

    internal override void Run(string title, int total, Action<Action<int, string>> work) =>
        console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new ElapsedTimeColumn(), new SpinnerColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: Math.Max(total, 1));
                task.IsIndeterminate = total == 0;
                work((done, what) =>
                {
                    task.Value = Math.Min(done, task.MaxValue - 1);
                    task.Description = Markup.Escape($"{title}: {what}");
                });
                task.Description = Markup.Escape(title);
                task.IsIndeterminate = false;
                task.Value = task.MaxValue;
            });
}
