using System.Globalization;
using LilyVM.Hypervisor;

namespace LilyVM.Engines;

/// <summary>Counters of model-specific registers that are not there: all accesses, and those of the first registers by number.</summary>
internal static unsafe class UnknownMsrCounters
{
    /// <summary>The counters, whatever is in the structure.</summary>
    internal static IEnumerable<Counter> Of(UnknownMsrs* unknown)
    {
        var counters = new List<Counter> { new("unknown-msrs", unknown->Total) };
        for (int i = 0; i < Math.Min(unknown->Distinct, UnknownMsrs.Capacity); i++)
            counters.Add(new(string.Create(CultureInfo.InvariantCulture, $"unknown-msr-0x{unknown->Numbers[i]:x}"), unknown->Counts[i]));
        return counters;
    }
}
