using System.CommandLine;
using LilyVM.Boot;
using LilyVM.Cli.Guests;
using LilyVM.Cli.Help;
using LilyVM.Cli.Terminal;

namespace LilyVM.Cli.Commands;

/// <summary>lilyvm doctor: what of the host LilyVM can use.</summary>
internal static class DoctorCommand
{
    private const string Default = "x86-64 guests, the default";

    // Where segments are missing, nobody runs code in the processor's ring 0 either, as in a PVM guest.
    private const string
        NoKvm = "There is no /dev/kvm",
        Useless = "not on this host, which runs 64-bit code only; the kernel module would not help.",
        NeverDirectly = "run in QEMU (--engine native), many times slower, and nothing that can be enabled on this host would change " +
            "that; `lilyvm lab` has a host "
            + "with the kernel engine.";

    private static readonly string Other = $"IA-32 guests ({ArchitectureOption.Name} {LinuxRecipe.I386.Architecture})";

    internal static Command Create()
    {
        var command = new Command("doctor", "Show what this host offers, which engine is used, and what to enable.");
        command.SetAction(parsed => Report(
            [.. OptionalParts.Findings()],
            HostProbe.KernelEngineProblem(),
            HostProbe.KvmEngine(),
            HostProbe.UserEngine(GuestArchitecture.X64),
            HostProbe.UserEngine(GuestArchitecture.Ia32),
            HostProbe.Isolation(),
            parsed.InvocationConfiguration.Output));
        return command;
    }

    /// <summary>Prints the findings; the exit status tells whether the guest runs that is the default.</summary>
    internal static int Report(
        IReadOnlyList<HostFinding> optional,
        string? kernelProblem,
        string kvm,
        IReadOnlyList<HostFinding> x64,
        IReadOnlyList<HostFinding> ia32,
        string isolation,
        TextWriter output)
    {
        bool isDirect = !x64.Any(f => f.IsObstacle), hasNoSegments = ia32.Any(f => !f.IsPresent && f.Advice == HostNeeds.Segments);
        bool hopeless = kernelProblem is not null && hasNoSegments;
        Show($"{Default} (user engine)", x64, output);
        HashSet<string> present = [.. x64.Where(f => f.IsPresent).Select(f => f.Feature)];
        // said once what is the same for both
        Show($"{Other} (user engine)", ia32.Except(x64).Where(f => !f.IsPresent || !present.Contains(f.Feature)), output);
        if (optional.Count > 0)
            Show("What some options need", optional, output);
        WrappedText.Write(output, "Kernel engine, for IA-32 guests: "
            + (hopeless ? Useless : kernelProblem ?? "ready, the kernel module lilyvm is loaded."));
        WrappedText.Write(output, "KVM, for IA-32 guests: "
            + (hopeless && kvm.StartsWith(NoKvm, StringComparison.Ordinal) ? NoKvm + "." : kvm));
        output.WriteLine();
        WrappedText.Write(output, $"{Default}: " +
            $"{(isDirect ? "run directly, by the user engine." : "none until the above is enabled; --engine native runs them in QEMU.")}");
        WrappedText.Write(output, $"{Other}: " + (
            kernelProblem is null ? "run directly, by the kernel engine (the composite method)."
            : !ia32.Any(f => f.IsObstacle) ? "run directly, by the user engine (the conventional method, an ordinary process)."
            : hopeless ? NeverDirectly
            : "none until the above is enabled; --engine native runs them in QEMU."));
        foreach (string paragraph in Borders(isolation))
        {
            output.WriteLine();
            WrappedText.Write(output, paragraph);
        }
        return isDirect ? 0 : Program.Failure;
    }

    // What stands between the guest, its programs and the host.
    private static string[] Borders(string isolation) =>
    [
        "The user engine does not need VT-x or AMD-V, nor IA-32 emulation or Syscall User Dispatch of the host's kernel.",
        "What the user engine isolates: the host from the guest, by a seccomp filter in every process that runs guest code. Such a process "
            + "has no open files but the guest's memory and those that signal devices of other programs, and dies with lilyvm. "
            + "IA-32 programs are kept from their own kernel by segment "
            + "limits only, which stop accidents. "
            + $"{isolation} --isolation process gives programs processes of their own, in which nothing of their kernel is; that is "
            + "slower. "
            + "Do not run guest programs that their kernel must be protected from (docs/isolation.md).",
        "In QEMU (--engine native) the emulator alone stands between guest and host; it runs with your rights and without that filter.",
    ];

    private static void Show(string title, IEnumerable<HostFinding> findings, TextWriter output) =>
        new HelpSection(title, [.. findings.Select(f => (f.Feature, State(f)))]).Write(output,
            StandardStream.TerminalWidth(output) ?? int.MaxValue);

    private static string State(HostFinding finding) =>
        finding.IsPresent ? "yes" : finding.IsOptional ? $"no, {finding.Advice}" : $"no: {finding.Advice}";
}
