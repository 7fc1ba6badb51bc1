using System.Text.RegularExpressions;
using LilyVM.Boot;
using LilyVM.Engines.User;
using LilyVM.Hypervisor.Shared.User;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Engines;

/// <summary>People see the counters of their guest's architecture, which are those that its sources count.</summary>
public sealed partial class UserCounterTests
{
    // Where one image of the engine is made from, and the other one is not.
    private static readonly string Sources = Path.Combine(Repository.Root, "src", "LilyVM.Hypervisor", "Engines", "User");

    [Fact]
    public void A_guest_has_the_counters_that_its_engine_counts()
    {
        HashSet<string> ia32 = Counted("Ia32"), x64 = Counted("X64");
        foreach (Counter counter in Enum.GetValues<Counter>().Where(c => c != Counter.Count))
        {
            Assert.Equal((counter, !x64.Contains($"{counter}") || ia32.Contains($"{counter}")),
                (counter, UserGuest.Of(GuestArchitecture.Ia32).Counts(counter)));
            Assert.Equal((counter, !ia32.Contains($"{counter}") || x64.Contains($"{counter}")),
                (counter, UserGuest.Of(GuestArchitecture.X64).Counts(counter)));
        }
    }

    // What the sources of that folder name; what those of neither name is counted for both.
    private static HashSet<string> Counted(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(Sources, folder), "*.cs").SelectMany(f => Names().Matches(File.ReadAllText(f)))
            .Select(m => m.Groups[1].Value)];

    [GeneratedRegex(@"\bCounter\.([A-Z]\w+)")]
    private static partial Regex Names();
}
