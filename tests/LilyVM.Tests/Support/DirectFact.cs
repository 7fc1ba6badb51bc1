using System.Runtime.CompilerServices;
using LilyVM.Boot;

namespace LilyVM.Tests.Support;

/// <summary>
/// A test whose guest runs on this host's processor; skipped where that has no 32-bit segments for programs, as in some paravirtual
/// machines.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DirectFactAttribute : FactAttribute
{
    public DirectFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => DirectHost.SkipElsewhere(this);
}

/// <summary>The same with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DirectTheoryAttribute : TheoryAttribute
{
    public DirectTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => DirectHost.SkipElsewhere(this);
}

/// <summary>Whether this host's processor runs guests. Anything else that it lacks makes tests fail.</summary>
public static class DirectHost
{
    private const string Reason = "This host runs 64-bit code only; UserEngineLabTests runs guests in the lab.";

    private static readonly Lazy<bool> Runs = new(
        () => !HostProbe.UserEngine(GuestArchitecture.Ia32).Any(f => f.Advice == HostNeeds.Segments && !f.IsPresent));

    /// <summary>Whether 32-bit segments work.</summary>
    public static bool RunsGuests => Runs.Value;

    internal static void SkipElsewhere(FactAttribute test)
    {
        test.Skip = Reason;
        test.SkipType = typeof(DirectHost);
        test.SkipUnless = nameof(RunsGuests);
    }
}
