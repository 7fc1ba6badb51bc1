using LilyVM.Bench.Contenders;
using LilyVM.Bench.Run;

namespace LilyVM.Tests.Bench;

public class ScriptRunTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public void Only_lines_with_an_at_sign_are_for_us()
    {
        ScriptResult result = Run("echo hello; printf '@row a 1 2\\r\\n'; echo '{\"halts\": 3}' >&2; echo no such file >&2; exit 4");
        Assert.Equal((4, "@row a 1 2"), (result.Status, Assert.Single(result.Lines).Text));
        Assert.Equal("no such file", result.LastError);
        Assert.Equal(3, result.Counters["halts"]);
    }

    [Fact]
    public void What_hangs_is_ended_with_all_its_processes()
    {
        ScriptResult result = ScriptRun.Run(
            new Launch("sh", "-c", "sleep 1000 & echo @pid $!; setsid sleep 1000 & echo @pid $!; wait"), TimeSpan.FromSeconds(1));
        Assert.Equal(ScriptRun.TimedOut, result.Status);
        Assert.Equal(2, result.Lines.Count);
        Assert.All(result.Lines, line => Assert.True(SpinWait.SpinUntil(() => HasEnded(line.Text.Split(' ')[1]), Long)));
    }

    [Fact]
    public void Held_memory_is_that_of_all_processes()
    {
        // 16 MiB in the shell's own variable, and another shell beside it.
        ScriptResult result = Run("x=$(head -c 16777216 /dev/zero | tr '\\0' x); sleep 5 & echo @held; sleep 3; kill $!; echo ${#x}");
        Assert.InRange(result.HeldBytes!.Value, 16 << 20, 1 << 30);
    }

    [Fact]
    public void A_guest_s_clock_is_compared_with_the_host_s()
    {
        Assert.Equal(2, Run("echo @clock 10; sleep 1.5; echo @clock 13").ClockRatio!.Value, 0.5);
        Assert.Null(Run("echo @clock 10; echo @clock 13").ClockRatio);
    }

    // Or nobody has asked for its status yet.
    private static bool HasEnded(string process) =>
        !File.Exists($"/proc/{process}/stat") || File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);

    private static ScriptResult Run(string script) => ScriptRun.Run(new Launch("sh", "-c", script), Long);
}
