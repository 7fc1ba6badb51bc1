using System.Text.RegularExpressions;
using LilyVM.Tests.Guests;

namespace LilyVM.Tests.Engines;

/// <summary>What a small guest may print on an engine that it does not print on QEMU.</summary>
internal static partial class GuestDifferences
{
    // SYSENTER of a process enters the kernel of its host, whatever is in the guest's registers for it; so CPUID does not offer it (SEP),
    // and the guest would find neither the registers nor the instructions.
    private static readonly string[] NeedMoreThanOffered = ["sysenter"];

    /// <summary>Guests that see a difference, what of their output is therefore not compared, and why it must differ.</summary>
    internal static Dictionary<string, (Regex NotCompared, string Because)> All { get; } = new(StringComparer.Ordinal)
    {
        ["cpuid"] = (ProcessorNames(),
            "programs see the host's CPUID in any case, so the guest's kernel is told of the host's processor too"),
        ["debug_registers"] = (Breakpoints(),
            "only the host's kernel can set the real debug registers: the guest's are kept and have no effect"),
        ["machine_status"] = (FpuInstruction(), "only the host's kernel can set the real CR0.TS"),
        ["port_io"] = (PciAnswers(), "the machine has no PCI"),
    };

    /// <summary>The guests whose output is compared.</summary>
    internal static IEnumerable<string> Comparable => GuestBuild.Names.Except(NeedMoreThanOffered, StringComparer.Ordinal);

    /// <summary>What of a guest's output must be equal.</summary>
    internal static string Compared(string guest, string output) =>
        All.TryGetValue(guest, out (Regex NotCompared, string Because) difference) ? difference.NotCompared.Replace(output, "") : output;

    [GeneratedRegex("(?m)^(vendor e.x|signature|features)=.*$")]
    private static partial Regex ProcessorNames();

    [GeneratedRegex("(?m)^(breakpoints met|hits)=.*\n")]
    private static partial Regex Breakpoints();

    [GeneratedRegex("(?m)(?<=^fnop with TS: ).*$")]
    private static partial Regex FpuInstruction();

    [GeneratedRegex("(?m)^(PCI .*)=.*$")]
    private static partial Regex PciAnswers();
}
