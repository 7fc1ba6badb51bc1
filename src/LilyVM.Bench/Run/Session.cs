using System.Diagnostics;
using System.Globalization;

namespace LilyVM.Bench.Run;

/// <summary>
/// The processes of a session (setsid(2)), which what a contender starts stays in whoever its parent becomes, and their children, some of
/// which begin a session of their own.
/// </summary>
internal sealed record Session(int Id)
{
    private const long Block = 512; // of st_blocks, stat(2)

    /// <summary>Ends all of them.</summary>
    internal void Kill()
    {
        foreach (int process in Processes())
        {
            try
            {
                Process.GetProcessById(process).Kill();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // It has ended by itself.
            }
        }
    }

    /// <summary>
    /// The memory that all of them have together: each one's share of its pages, but for files in memory (a machine's RAM) all that they
    /// hold, mapped or not.
    /// </summary>
    internal long MemoryBytes()
    {
        HashSet<int> processes = Processes();
        return processes.Sum(ProcessBytes) + FilesInMemory(processes);
    }

    // proc(5), /proc/PID/stat: the fourth field is the parent, the sixth the session; the second, a name in parentheses, may hold anything.
    private HashSet<int> Processes()
    {
        var all = new Dictionary<int, (int Parent, int Session)>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out int process) && ReadLines($"{folder}/stat") is [var stat, ..])
            {
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                all[process] = (Number(fields[1]), Number(fields[3]));
            }
        }
        HashSet<int> ours = [.. all.Where(p => p.Value.Session == Id).Select(p => p.Key)];
        int before;
        do
        {
            before = ours.Count;
            ours.UnionWith(all.Where(p => ours.Contains(p.Value.Parent)).Select(p => p.Key).ToList());
        }
        while (ours.Count > before);
        return ours;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static long ProcessBytes(int process)
    {
        long Field(string name, string[] lines) => lines.FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.Ordinal)) is { } line
            ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10
            : 0;
        string[] rollup = ReadLines($"/proc/{process}/smaps_rollup");
        return Field("Pss", rollup) - Field("Pss_Shmem", rollup);
    }

    private static long FilesInMemory(IEnumerable<int> processes)
    {
        List<string> links = [.. processes.SelectMany(OpenFiles)];
        if (links.Count == 0)
            return 0;
        // Some may be gone by now, of which stat complains.
        (_, string output, _) = new Tool("stat", "coreutils").TryRun(["-L", "-c", "%d:%i %b", .. links]);
        IEnumerable<string> files = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct();
        return files.Sum(l => long.Parse(l.Split(' ')[1], CultureInfo.InvariantCulture) * Block);
    }

    private static IEnumerable<string> OpenFiles(int process)
    {
        string[] files;
        try
        {
            files = Directory.GetFiles($"/proc/{process}/fd");
        }
        catch (IOException)
        {
            return []; // it has ended
        }
        return files.Where(f => TargetOf(f) is { } target
            && (target.StartsWith("/memfd:", StringComparison.Ordinal) || target.EndsWith(" (deleted)", StringComparison.Ordinal)));
    }

    private static string? TargetOf(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // it has ended
        }
    }
}
