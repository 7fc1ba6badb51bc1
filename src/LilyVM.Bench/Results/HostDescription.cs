using System.Globalization;
using System.Runtime.InteropServices;

namespace LilyVM.Bench.Results;

/// <summary>The host that was measured on.</summary>
/// <param name="Processor">Its model.</param>
/// <param name="Processors">How many.</param>
/// <param name="MemoryMiB">Its memory.</param>
/// <param name="Kernel">Its kernel.</param>
/// <param name="Virtualized">Whether it is a virtual machine itself, by CPUID's hypervisor bit.</param>
/// <param name="LargePages">To whom it gives transparent huge pages: always, madvise (who asks for them) or never.</param>
/// <param name="Date">When.</param>
internal sealed record HostDescription(
    string Processor, int Processors, long MemoryMiB, string Kernel, bool Virtualized, string LargePages, string Date)
{
    private const string LargePagesSetting = "/sys/kernel/mm/transparent_hugepage/enabled";

    internal static HostDescription Read()
    {
        string[] processor = File.ReadAllLines("/proc/cpuinfo");
        string Value(string name, IEnumerable<string> lines) => lines.FirstOrDefault(l => l.StartsWith(name,
            StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            : "unknown";
        string memory = Value("MemTotal", File.ReadLines("/proc/meminfo")).Split(' ')[0];
        return new HostDescription(
            $"{Value("model name", processor)} (family {Value("cpu family", processor)}, model {Value("model", processor)})",
            Environment.ProcessorCount,
            long.Parse(memory, CultureInfo.InvariantCulture) >> 10,
            RuntimeInformation.OSDescription,
            Value("flags", processor).Split(' ').Contains("hypervisor"),
            // "always [madvise] never"
            File.Exists(LargePagesSetting) ? File.ReadAllText(LargePagesSetting).Split('[', ']')[1] : "never",
            DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC");
    }
}
