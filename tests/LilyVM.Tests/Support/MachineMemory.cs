using System.Globalization;
using System.Text.RegularExpressions;
using LilyVM.Engines.User;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Tests.Support;

/// <summary>
/// What of the host's memory a running machine of the user engine has beside its guest's RAM: each process's share of all that is mapped in
/// it (Pss of proc_pid_smaps(5)) but the file that is RAM, page tables (VmPTE of proc_pid_status(5)), and what that file holds behind RAM.
/// </summary>
internal static partial class MachineMemory
{
    private const string Nowhere = "(deleted)"; // how the name of a file ends that has none
    private const long SeekCall = 8;
    private const nint SeekData = 3, SeekHole = 4;

    /// <summary>In bytes, by what it is.</summary>
    /// <param name="machine">The VM process; its children are the stubs.</param>
    /// <param name="ramBytes">Guest RAM, below 3 GiB.</param>
    internal static (long VmProcess, long Stubs, long PageTables, long BehindRam) BesideRam(int machine, long ramBytes)
    {
        List<int> stubs = Lilyvm.Stubs(machine);
        (string inode, string name, _, _) =
            Mappings(machine).Where(m => m.Name.EndsWith(Nowhere, StringComparison.Ordinal)).MaxBy(m => m.Bytes);
        long Share(int process) => Mappings(process).Where(m => m.Inode != inode).Sum(m => m.Share);
        return (Share(machine), stubs.Sum(Share), stubs.Prepend(machine).Sum(PageTables), BehindRam(machine, name, ramBytes));
    }

    private static IEnumerable<(string Inode, string Name, long Bytes, long Share)> Mappings(int process)
    {
        Match? mapping = null;
        foreach (string line in File.ReadLines($"/proc/{process}/smaps"))
        {
            if (Header().Match(line) is { Success: true } header)
                mapping = header;
            else if (mapping is { Groups: var g } && line.StartsWith("Pss:", StringComparison.Ordinal))
            {
                long Address(int group) => (long)ulong.Parse(g[group].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                yield return (g[3].Value, g[4].Value, Address(2) - Address(1), KibiBytes(line));
            }
        }
    }

    private static long PageTables(int process) =>
        KibiBytes(File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmPTE:", StringComparison.Ordinal)));

    // "Name:    4 kB"
    private static long KibiBytes(string line) =>
        long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;

    // Copies of pages of code: the stretches of the file that hold something (lseek(2)).
    private static long BehindRam(int machine, string name, long ramBytes)
    {
        using SafeFileHandle ram =
            File.OpenHandle(Directory.EnumerateFiles($"/proc/{machine}/fd").First(f => new FileInfo(f).LinkTarget == name));
        nint file = ram.DangerousGetHandle();
        long sum = 0, hole = ramBytes;
        while (HostCalls.Call(SeekCall, file, (nint)hole, SeekData, 0, 0) is >= 0 and var data)
        {
            hole = HostCalls.Call(SeekCall, file, (nint)data, SeekHole, 0, 0);
            sum += hole - data;
        }
        return sum;
    }

    [GeneratedRegex("^([0-9a-f]+)-([0-9a-f]+) [-rwxps]{4} [0-9a-f]+ ([0-9a-f:]+ [0-9]+) *(.*)$")]
    private static partial Regex Header();
}
