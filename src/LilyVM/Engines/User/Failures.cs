using System.Globalization;
using LilyVM.Abi;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Shared;
using LilyVM.Hypervisor.Shared.User;
using StubCounter = LilyVM.Hypervisor.Shared.User.Counter;

namespace LilyVM.Engines.User;

/// <summary>Why a machine could not go on, in words.</summary>
internal static unsafe class Failures
{
    /// <summary>For an exit that has no answer.</summary>
    internal static string Describe(Machine* machine, UserGuest guest) => machine->ExitReason == StubExit.Shutdown
        ? DescribeShutdown(&machine->Exit)
        : DescribeFailure((FailureCode)machine->FailureCode, machine->FailureAddress, machine->FailureIp, guest);

    /// <summary>Whether the guest has done anything: the first touch of memory and the first call of the library are counted.</summary>
    internal static bool HasRun(Machine* machine) =>
        Count(machine, StubCounter.Hypercalls) + Count(machine, StubCounter.PageFaultSignals)
            + Count(machine, StubCounter.ProtectionSignals) > 0;

    private static ulong Count(Machine* machine, StubCounter counter) => machine->Counters[(int)counter];

    /// <summary>For a guest that ended in an unusual way.</summary>
    internal static string DescribeShutdown(ExitRecord* exit) => DescribeShutdown(exit->Shutdown, exit->Registers[RegisterName.Ip]);

    private static string DescribeShutdown(ShutdownReason reason, ulong ip) => reason switch
    {
        ShutdownReason.Unsupported => $"The guest used a feature at {Hex(ip)} that LilyVM does not emulate (PAE, virtual-8086 mode or " +
            "a hardware task switch).",
        ShutdownReason.ForbiddenAddress =>
            $"The guest's code at {Hex(ip)} uses an address that is no RAM or belongs to the VM, in a way that LilyVM does not emulate.",
        _ => $"The guest stopped at {Hex(ip)} for reason {reason}.",
    };

    private static string DescribeFailure(FailureCode code, ulong address, ulong detail, UserGuest guest) => code switch
    {
        FailureCode.MapFailed => $"The host refused a mapping of guest memory at {Hex(address)} (error {detail}).",
        // No stub's code is there.
        FailureCode.UnexpectedSignal when detail is > 0xFFFF and < VmArea.Base => $"{guest.Trespass} and crashed at {Hex(detail)}.",
        FailureCode.GuestInEngine => $"{guest.Trespass} and crashed at {Hex(detail)}.",
        FailureCode.UnexpectedSignal when guest.ReachesStub =>
            $"{guest.Trespass} and crashed at {Hex(detail)} on address {Hex(address)}; or this is a bug in LilyVM.",
        FailureCode.HostMemory => $"The host has no memory left for guest RAM at {Hex(address)}.",
        _ => $"A stub process failed at {Hex(detail)} on address {Hex(address)}; this is a bug in LilyVM.",
    };

    private static string Hex(ulong value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);
}
