using LilyVM.Tests.Support;

namespace LilyVM.Tests.Linux;

/// <summary>
/// Linux machines in a row and at once, in this process, which has afterwards what it had before. bench/proofs/boots.sh
/// boots the real command more often.
/// </summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class RepeatedBootTests(X64LinuxFixture linux)
{
    [Fact]
    public async Task Eight_in_a_row_leave_nothing()
    {
        await Boot("nothing"); // what the process keeps from its first machine
        List<string> before = Possessions();
        for (int i = 0; i < 8; i++)
            Assert.Contains("lilyvm: nothing ended with status 0", await Boot("nothing"), StringComparison.Ordinal);
        Assert.Empty(Possessions().Except(before)); // what earlier tests left may go meanwhile
    }

    [Fact]
    public async Task Four_at_once_find_what_one_finds_and_leave_nothing()
    {
        await Boot("nothing");
        List<string> before = Possessions();
        string[] all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Boot("behaviour lilyvm.only=tracing")));
        Assert.All(all, one => Assert.Contains("== tracing ended with status 0", one, StringComparison.Ordinal));
        Assert.Empty(Possessions().Except(before)); // what earlier tests left may go meanwhile
    }

    // Stubs, and files in memory, open or mapped.
    private static List<string> Possessions()
    {
        IEnumerable<string> files = Directory.EnumerateFiles("/proc/self/fd").Select(TargetOf);
        IEnumerable<string> mappings = File.ReadLines("/proc/self/maps").Where(IsOurs);
        return
        [
            .. Lilyvm.Stubs(Environment.ProcessId).Select(p => $"process {p}").Order(StringComparer.Ordinal),
            .. files.Where(IsOurs).Order(StringComparer.Ordinal),
            .. mappings.Order(StringComparer.Ordinal),
        ];
    }

    // Nothing for what was closed meanwhile.
    private static string TargetOf(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName ?? "";
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }

    // A file without a name, but for that of .NET's own compiler.
    private static bool IsOurs(string file) =>
        file.Contains(" (deleted)", StringComparison.Ordinal) && !file.Contains("memfd:doublemapper", StringComparison.Ordinal);

    private async Task<string> Boot(string run)
    {
        (string text, MachineResult result) = await linux.BootOnUserEngine("lilyvm.run=" + run);
        Assert.True(result.End == MachineEnd.Restart, $"{result.End}: {result.Message}\n{text}");
        return text;
    }
}
