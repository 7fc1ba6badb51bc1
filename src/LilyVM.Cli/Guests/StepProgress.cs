using System.Diagnostics;
using LilyVM.Cli.Terminal;
using Spectre.Console;

namespace LilyVM.Cli.Guests;

/// <summary>Shows on standard error that a long step goes on, so that standard output stays usable in pipes.</summary>
internal abstract class StepProgress
{
    /// <summary>Bars when somebody watches, lines for logs otherwise.</summary>
    internal static StepProgress ForConsole()
    {
        StreamWriter errors = StandardStream.Writer(2, mayFail: true);
        return StandardStream.TerminalWidth(errors) is { } width ? new BarProgress(errors, width) : new LineProgress(errors);
    }

    /// <summary>Tells something in a line of its own.</summary>
    internal abstract void Tell(string line);

    /// <summary>
    /// Does <paramref name="work"/>, which calls its argument with (done, what is being done). <paramref name="total"/> may be a guess, or
    /// 0.
    /// </summary>
    internal abstract void Run(string title, int total, Action<Action<int, string>> work);

    /// <summary>Does work of which nothing is known but that it takes a while.</summary>
    internal void Run(string title, Action work) => Run(title, 0, _ => work());
}

/// <summary>Plain lines: the start of a step, each tenth of it, its end, and in between that it still goes on.</summary>
internal sealed class LineProgress(TextWriter output) : StepProgress
{
    /// <summary>How long a step may be silent: whoever reads a log shall see within 20 s that something is done.</summary>
    internal static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    private readonly Lock writing = new();

    /// <summary>How long this one is silent; tests are impatient.</summary>
    internal TimeSpan Silence { get; init; } = LongestSilence;

    internal override void Tell(string line)
    {
        lock (writing)
            output.WriteLine(line);
    }

    internal override void Run(string title, int total, Action<Action<int, string>> work)
    {
        var clock = Stopwatch.StartNew();
        int tenths = 0;
        string last = "";
        Tell($"{title} ...");
        using (var timer = new Timer(_ => Tell($"{title}: {last}{clock.Elapsed.TotalSeconds:0} s"), null, Silence, Silence))
        {
            work((done, what) =>
            {
                last = total > 0 ? $"{done} of about {total} ({what}), " : $"{what}, ";
                if (total <= 0 || done * 10 / total <= tenths || done >= total)
                    return;
                tenths = done * 10 / total;
                timer.Change(Silence, Silence);
                Tell($"{title}: {done} of about {total} ({what})");
            });
        }
        Tell($"{title}: done in {clock.Elapsed.TotalSeconds:0} s");
    }
}

/// <summary>Bars on a terminal.</summary>
internal sealed class BarProgress(TextWriter output, int width) : StepProgress
{
    private const int OtherColumns = 54; // bar, time and spinner

    private readonly IAnsiConsole console = new ConsoleWithCursor(AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiOutput(output, isTerminal: true, width),
        Interactive = InteractionSupport.Yes,
    }));

    internal override void Tell(string line) => console.WriteLine(line);

    internal override void Run(string title, int total, Action<Action<int, string>> work) =>
        console.Progress()
            .Columns(new TaskDescriptionColumn
            {
                Alignment = Justify.Left,
            }, new ProgressBarColumn(), new ElapsedTimeColumn(), new SpinnerColumn())
            .Start(context =>
            {
                if (Fitting(title) != title)
                    Tell(title); // in whole, above its bar
                ProgressTask task = context.AddTask(Markup.Escape(Fitting(title)), maxValue: Math.Max(total, 1));
                task.IsIndeterminate = total == 0;
                work((done, what) =>
                {
                    task.Value = Math.Min(done, task.MaxValue - 1);
                    task.Description = Markup.Escape(Fitting($"{title}: {what}"));
                });
                task.Description = Markup.Escape(Fitting(title));
                task.IsIndeterminate = false;
                task.Value = task.MaxValue;
            });

    // What is wider would leave no room for the bar, and the library then shows nothing at all.
    private string Fitting(string text)
    {
        int room = Math.Max(width - OtherColumns, 1);
        return text.Length <= room ? text : text[..(room - 1)] + "…";
    }
}
