using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using LilyVM.Cli.Commands;
using LilyVM.Tests.Support;
using Xunit.v3;

[assembly: WatchedTests]
[assembly: AssemblyFixture(typeof(RunningTests))]

namespace LilyVM.Tests.Support;

/// <summary>
/// Says every few seconds on standard error which tests run and since when, where <c>lilyvm test</c> asks for
/// that (<see cref="TestCommand.PulseVariable"/>): in a log a test of minutes looks like one that hangs.
/// </summary>
public sealed class RunningTests : IDisposable
{
    private const int Shown = 4;

    private static readonly ConcurrentDictionary<string, (string Name, long Since)> Running = new();
    private static int ended;

    private readonly Timer? timer;

    public RunningTests()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable(TestCommand.PulseVariable), out int seconds) && seconds > 0)
            timer = new Timer(_ => Console.Error.WriteLine(Describe(Stopwatch.GetTimestamp())), null, TimeSpan.Zero,
                TimeSpan.FromSeconds(seconds));
    }

    public void Dispose() => timer?.Dispose();

    internal static void Begin(string id, string name) => Running[id] = (name, Stopwatch.GetTimestamp());

    internal static void End(string id)
    {
        Running.TryRemove(id, out _);
        Interlocked.Increment(ref ended);
    }

    /// <summary>The line: how many have ended, and those that run, the oldest first.</summary>
    internal static string Describe(long now)
    {
        string[] running =
        [
            .. Running.Values.OrderBy(t => t.Since)
            .Select(t => string.Create(CultureInfo.InvariantCulture,
                $"{t.Name} ({Stopwatch.GetElapsedTime(t.Since, now).TotalSeconds:0} s)")),
        ];
        string what = running.Length == 0
            ? "what the next ones need is being made"
            : $"{string.Join(", ", running.Take(Shown))}{(running.Length > Shown ? $" and {running.Length - Shown} more" : "")}";
        return $"{ended} tests have ended; now: {what}";
    }
}

/// <summary>Keeps <see cref="RunningTests"/> informed.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class WatchedTestsAttribute : BeforeAfterTestAttribute
{
    public override void Before(MethodInfo methodUnderTest, IXunitTest test) =>
        RunningTests.Begin(test.UniqueID, $"{methodUnderTest.DeclaringType!.Name}.{methodUnderTest.Name}");

    public override void After(MethodInfo methodUnderTest, IXunitTest test) => RunningTests.End(test.UniqueID);
}
