using System.Globalization;

namespace LilyVM.Tests.Support;

/// <summary>A memory cgroup below this process's own, of either version, without swap (cgroups(7)).</summary>
internal sealed class MemoryGroup : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20); // what was killed is still ending

    private readonly string folder;

    private MemoryGroup(string folder) => this.folder = folder;

    /// <summary>Makes one with so much memory; null if this user or this host has none.</summary>
    internal static MemoryGroup? TryMake(long bytes)
    {
        string[] own = File.ReadAllLines("/proc/self/cgroup");
        string? first = own.FirstOrDefault(l => l.Split(':')[1] == "memory");
        string? second = own.FirstOrDefault(l => l.StartsWith("0::", StringComparison.Ordinal));
        string? parent = first is not null ? "/sys/fs/cgroup/memory" + first.Split(':')[2] : second is not null ? "/sys/fs/cgroup"
            + second[3..] : null;
        if (parent is null)
            return null;
        string folder = Path.Combine(parent, $"lilyvm-test-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
            string text = bytes.ToString(CultureInfo.InvariantCulture);
            if (first is not null)
            {
                File.WriteAllText(Path.Combine(folder, "memory.limit_in_bytes"), text);
                return new MemoryGroup(folder);
            }
            File.WriteAllText(Path.Combine(folder, "memory.max"), text);
            File.WriteAllText(Path.Combine(folder, "memory.swap.max"), "0");
            return new MemoryGroup(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder);
            return null;
        }
    }

    /// <summary>A command that runs another one in the group.</summary>
    internal string[] CommandLine(string[] command) =>
        ["sh", "-c", "echo $$ >\"$0\" && exec \"$@\"", Path.Combine(folder, "cgroup.procs"), .. command];

    /// <summary>Removes it; no process may be left in it.</summary>
    public void Dispose() => Assert.True(SpinWait.SpinUntil(TryRemove, Limit), "Processes are left in the memory cgroup.");

    private bool TryRemove()
    {
        try
        {
            Directory.Delete(folder);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
