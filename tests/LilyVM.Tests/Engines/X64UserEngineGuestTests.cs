using System.Text.RegularExpressions;
using LilyVM.Boot;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Machine;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Engines;

/// <summary>
/// QEMU is the oracle: each small x86-64 guest, converted, must print on the user engine what it prints there unconverted. They run
/// directly on every host.
/// </summary>
public sealed partial class X64UserEngineGuestTests(X64GuestBuild build)
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60); // a healthy guest takes less than one

    private const string InterruptError = "QEMU's error code of INT n in long mode counts 16 bytes a vector, processors' and the " +
        "engine's 8";

    // What of a guest's output is not compared, and why.
    private static readonly Dictionary<string, (Regex NotCompared, string Because)> Differences = new(StringComparer.Ordinal)
    {
        ["msr"] = (PerformanceCounter(), "QEMU has no RDPMC, and says so by #UD"),
        ["control_registers"] = (TaskPriority(), "the machine has no local APIC, whose task priority CR8 would be"),
        ["user_gates"] = (Refusal(), InterruptError),
        ["user_single_step"] = (Breakpoint(), "only the host's kernel can set the real debug registers: the guest's are kept and have " +
            "no effect"),
        ["xsave"] = (Components(), "programs see the host's CPUID in any case, so the kernel is told of the host's processor too; only " +
            "the host's kernel can set the real CR0.TS"),
        ["user_faults"] = (Interrupt14(), InterruptError),
    };

    // Guests whose kernels use GS themselves: SWAPGS is a byte in the vCPU page, so the base of the real register stays a program's
    // (docs/abi.md).
    private static readonly string[] UseGs = ["swapgs"];

    // Programs do not get at ports, whatever the guest's IOPL and TSS say.
    private static readonly string[] UsePorts = ["user_ports"];

    // Without isolation programs get at what their kernel has used.
    private static readonly string[] NeedIsolation = ["kernel_pages"];

    private static readonly bool HasKeys = Isolation.Choose(IsolationLevel.Auto, GuestArchitecture.X64) == IsolationLevel.Keys;

    public static TheoryData<string> Guests => new(Comparable);

    /// <summary>The guests that print the same on this engine as on QEMU, if their programs are kept from their kernel.</summary>
    internal static IEnumerable<string> Comparable => X64GuestBuild.Names.Except([.. UseGs, .. UsePorts], StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Guests))]
    public async Task A_converted_guest_prints_what_the_original_prints_on_QEMU(string guest)
    {
        Task<Command.Result> onQemu = Task.Run(() => X64GuestTests.Boot(build.Plain(guest)), TestContext.Current.CancellationToken);
        Command.Result oracle = await onQemu;
        foreach (IsolationLevel level in (IsolationLevel[])[IsolationLevel.Auto, IsolationLevel.Process])
        {
            if (level == IsolationLevel.Auto && !HasKeys && NeedIsolation.Contains(guest))
                continue;
            var output = new MachineFixture.Printed();
            var options = new MachineOptions
            {
                Kernel = build.Linked(guest),
                MemoryBytes = (long)X64GuestBuild.Megabytes(guest) << 20,
                Console = new MachineConsole(output),
                Engine = EngineKind.User,
                Isolation = level,
            };
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeLimit);
            using var machine = new VirtualMachine(options);
            MachineResult result = await machine.RunAsync(limit.Token);
            Assert.Equal((level, Compared(guest, oracle.Output)), (level, Compared(guest, output.ToString())));
            Assert.Equal((level, MachineEnd.TestExit, null), (level, result.End, result.Message));
            Assert.Equal((level, oracle.Status), (level, result.ExitStatus * 2 + 1)); // what isa-debug-exit makes of it
        }
    }

    /// <summary>What of an output is compared.</summary>
    internal static string Compared(string guest, string output)
    {
        string text = output.Replace("\r", "", StringComparison.Ordinal);
        return Differences.TryGetValue(guest, out (Regex NotCompared, string Because) difference)
            ? difference.NotCompared.Replace(text, "") : text;
    }

    [GeneratedRegex("vector=0000000[6d]\n(error=.*\n)?rdpmc\n")]
    private static partial Regex PerformanceCounter();

    [GeneratedRegex("(?m)^cr8=.*$")]
    private static partial Regex TaskPriority();

    [GeneratedRegex("(?m)(?<=^refused: error=).*$")]
    private static partial Regex Refusal();

    [GeneratedRegex("(?m)^dr6=0000000[01]\nat=.*\n")]
    private static partial Regex Breakpoint();

    [GeneratedRegex("(?m)^xcr0( still)?=.*$|^(no fault in:|vector=00000007\nerror=00000000)\n(?=(SSE|x87) with TS$)")]
    private static partial Regex Components();

    [GeneratedRegex("(?m)^error=000000(e2|72)$")]
    private static partial Regex Interrupt14();
}
