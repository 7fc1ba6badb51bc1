using System.Runtime.InteropServices;
using LilyVM.Hypervisor.Shared.User;

namespace LilyVM.Engines.User;

/// <summary>
/// A stub ended, which none should. Its last words are what it was calling (<see cref="StubCall"/>), and the wait status.
/// </summary>
/// <param name="Process">Process id.</param>
/// <param name="Status">Wait status.</param>
internal sealed unsafe record StubEnd(int Process, int Status)
{
    private const int SystemCallRefused = 31, Crash = 11, TryAgain = 11; // SIGSYS, the end that a seccomp filter makes; SIGSEGV; EAGAIN

    private int Signal => Status & 0x7F;

    private int Code => Status >> 8 & 0xFF;

    /// <summary>What it means, in words.</summary>
    internal string Describe(Machine* machine, UserGuest guest, bool guestHasRun)
    {
        StubCall call = LastCall(machine);
        bool signalled = Signal == SystemCallRefused || Code == StubSlot.Signalled;
        if (signalled && call == StubCall.Old)
            return HostNeeds.OldSystemCalls;
        if (call != StubCall.None && (signalled || Signal == 0))
            return signalled ? HostNeeds.Call(Name(call), signalled) : DescribeRefusal(call);
        // The host's kernel ends a process whose image it cannot place.
        if (call == StubCall.None && !guestHasRun && AddressRoom.Problem() is { } noRoom)
            return noRoom;
        if (Signal == SystemCallRefused && guestHasRun)
            return $"{guest.Trespass} and made a system call of the host's, for which it was ended.";
        return Signal switch
        {
            0 when !guestHasRun => $"The stub process could not set itself up: {Marshal.GetPInvokeErrorMessage(Code)}.",
            0 => $"A stub process ended by itself, with status {Code}; this is a bug in LilyVM, or the guest's doing.",
            Crash when guestHasRun && guest.ReachesStub => $"{guest.Trespass} and crashed there; or this is a bug in LilyVM.",
            _ => $"A stub process was ended by signal {Signal}; somebody killed it, or the host ran out of memory.",
        };
    }

    private string DescribeRefusal(StubCall call) => call switch
    {
        StubCall.ModifyLdt => HostNeeds.ModifyLdt,
        StubCall.Segments => HostNeeds.Segments,
        StubCall.Seccomp => HostNeeds.Seccomp,
        StubCall.TimerCreate => HostNeeds.Timers,
        StubCall.Mmap when AddressRoom.Problem() is { } problem => problem,
        StubCall.Clone when Code == TryAgain => "The host refuses another stub process; raise the limit of processes (`ulimit -u`).",
        _ => HostNeeds.Call(Name(call), signalled: false),
    };

    private static string Name(StubCall call) => Enum.IsDefined(call)
        ? CounterName.Of(call.ToString()).Replace('-', '_') : $"number {(uint)call}";

    private StubCall LastCall(Machine* machine)
    {
        if (Process == machine->TemplateProcess)
            return machine->TemplateCall;
        var slots = (StubSlot*)machine->StubSlots;
        for (int i = 0; i < Machine.MaxStubs; i++)
        {
            if (slots[i].Process == Process || slots[i].Programs == Process)
                return slots[i].Call;
        }
        return StubCall.None;
    }
}
