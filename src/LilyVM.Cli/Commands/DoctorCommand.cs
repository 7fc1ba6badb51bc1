using System.CommandLine;

namespace LilyVM.Cli.Commands;

/// <summary>lilyvm doctor: what of the host LilyVM can use.</summary>
internal static class DoctorCommand
{
    private const string Isolation = """
        The user engine does not need VT-x or AMD-V, nor IA-32 emulation or Syscall User Dispatch of the host's kernel.

        What the user engine isolates: the host from the guest, by a seccomp filter in every process that runs guest code. Such a process has no open
        files but the guest's memory, and dies with lilyvm. Guest programs are kept from the guest's own kernel by segment limits only, which protect
        from accidents but not from a program that sets out to break them. Do not run guest programs that their kernel must be protected from.

        In QEMU (--engine native) the emulator alone stands between guest and host; it runs with your rights and without that filter.
        """;

    // Where segments are missing, nobody runs code in the processor's ring 0 either, as in a PVM guest.
    private const string
        NoKvm = "There is no /dev/kvm",
        Useless = "not on this host, which runs 64-bit code only; the kernel module would not help.",
        NoneAtAll = "Engine: none, and nothing that can be enabled on this host would change that. `lilyvm boot` runs guests in QEMU here (--engine native), "
            + "many times slower; `lilyvm lab` has a host with the kernel engine.";

    internal static Command Create()
    {
        var command = new Command("doctor", "Show what this host offers, which engine is used, and what to enable.");
        command.SetAction(parsed => Report(HostProbe.KernelEngineProblem(), HostProbe.KvmEngine(), HostProbe.UserEngine(), parsed.InvocationConfiguration.Output));
        return command;
    }

    /// <summary>Prints the findings; the exit status tells whether a guest can run.</summary>
    internal static int Report(string? kernelProblem, string kvm, IReadOnlyList<HostFinding> findings, TextWriter output)
    {
        bool hopeless = kernelProblem is not null && findings.Any(f => !f.IsPresent && f.Advice == HostNeeds.Segments);
        output.WriteLine("Kernel engine: " + (hopeless ? Useless : kernelProblem ?? "ready, the kernel module lilyvm is loaded."));
        output.WriteLine("KVM: " + (hopeless && kvm.StartsWith(NoKvm, StringComparison.Ordinal) ? NoKvm + "." : kvm));
        output.WriteLine();
        output.WriteLine("User engine:");
        int width = findings.Max(f => f.Feature.Length);
        foreach (HostFinding finding in findings)
            output.WriteLine($"{finding.Feature.PadRight(width)}  {(finding.IsPresent ? "yes" : "no: " + finding.Advice)}");
        bool usable = findings.All(f => f.IsPresent);
        output.WriteLine();
        output.WriteLine(kernelProblem is null
            ? "Engine: kernel (the composite method)."
            : usable
            ? "Engine: user (the conventional method, an ordinary process)."
            : hopeless
            ? NoneAtAll
            : "Engine: none until the above is enabled; --engine native runs guests in QEMU.");
        output.WriteLine();
        output.WriteLine(Isolation);
        return usable || kernelProblem is null ? 0 : Program.Failure;
    }
}
