using System.Globalization;
using System.Runtime.InteropServices;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.User;

namespace LilyVM.Engines.User;

/// <summary>Why a machine could not go on, in words.</summary>
internal static unsafe class Failures
{
    /// <summary>For an exit that has no answer.</summary>
    internal static string Describe(Machine* machine) => machine->ExitReason == StubExit.Shutdown
        ? DescribeShutdown(machine->Vcpu.Shutdown, machine->Vcpu.Eip)
        : DescribeFailure((FailureCode)machine->FailureCode, machine->FailureAddress, machine->FailureIp);

    /// <summary>For a template that ended without a word.</summary>
    internal static string DescribeEnd(int status)
    {
        int signal = status & 0x7F, code = status >> 8 & 0xFF;
        return signal != 0
            ? $"The stub process was ended by signal {signal}."
            : $"The stub process could not set itself up: {Marshal.GetPInvokeErrorMessage(code)}.";
    }

    private static string DescribeShutdown(ShutdownReason reason, uint eip) => reason switch
    {
        ShutdownReason.Unsupported => $"The guest used a feature at {Hex(eip)} that LilyVM does not emulate (PAE, virtual-8086 mode or a hardware task switch).",
        ShutdownReason.ForbiddenAddress => $"The guest used an address at {Hex(eip)} that the host does not let processes use (below 64 KiB) or that belongs to the VM.",
        _ => $"The guest stopped at {Hex(eip)} for reason {reason}.",
    };

    private static string DescribeFailure(FailureCode code, ulong address, ulong detail) => code switch
    {
        FailureCode.MapFailed => $"The host refused a mapping of guest memory at {Hex(address)} (error {detail}).",
        FailureCode.NoTimer => "The host gives a stub process no timer; check RLIMIT_SIGPENDING.",
        FailureCode.NoLdt => "The host does not offer modify_ldt for 32-bit segments; it needs a kernel with CONFIG_MODIFY_LDT_SYSCALL, and a container that allows the call.",
        FailureCode.NoSignals => "The host refuses signal handlers to a stub process.",
        FailureCode.NoFilter => $"The host refuses a seccomp filter (error {address}); a container must allow the seccomp call.",
        FailureCode.NoFork => $"The host refuses another stub process (error {address}); raise the limit of processes.",
        FailureCode.StubDied => $"Stub process {address} ended unexpectedly (wait status {Hex(detail)}); it was killed, or its guest broke out and was stopped.",
        FailureCode.HostMemory => $"The host has no memory left for guest RAM at {Hex(address)}.",
        _ => $"A stub process failed at {Hex(detail)} on address {Hex(address)}; this is a bug in LilyVM.",
    };

    private static string Hex(ulong value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);
}
