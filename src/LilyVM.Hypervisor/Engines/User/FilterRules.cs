namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// The system calls that a stub makes while it runs a guest, as a seccomp filter with a block for each, and each architecture's own
/// beside. Its first test finds the guest's own calls and turns them into signals, so no other means (Syscall User Dispatch) is needed to
/// catch them. The rest protects the host from a guest that reaches the stub's code. Safe: writes what the writer has room for.
/// </summary>
internal static unsafe partial class FilterRules
{
    // Arguments by their numbers.
    private const uint First = 0, Second = 1, Third = 2, Protection = 2, Flags = 3, File = 4;
    private const uint Rights = Host.ReadWriteExecute + 1;
    private const ulong Ram = Host.Shared | Host.Fixed;

    // What is changed of mappings lies below an address (in units of 4 GiB), and nothing grows (PROT_GROWSDOWN).
    private static void Changes(FilterWriter* filter, uint highest)
    {
        uint call = filter->Call(Host.Mprotect);
        filter->RequireBelow(Protection, Rights);
        filter->RequireRangeBelow(highest);
        filter->End(call, FilterWriter.Allow);

        call = filter->Call(Host.Munmap);
        filter->RequireRangeBelow(highest);
        filter->End(call, FilterWriter.Allow);
    }

    // Waiting and waking, signalling back ends of devices, nothing that touches other words; signals, the timer, the end. Nothing else.
    private static void Rest(FilterWriter* filter)
    {
        Waits(filter);
        uint call = filter->Call(Host.WriteNumber);
        filter->RequireFrom(First, Shared.User.Layout.FirstEventFile);
        filter->RequireBelow(First, Shared.User.Layout.FirstEventFile + Shared.EventWrites.Capacity);
        filter->Require(Third, sizeof(ulong));
        filter->End(call, FilterWriter.Allow);

        filter->End(filter->Call(Host.SignalReturn), FilterWriter.Allow);
        filter->End(filter->Call(Host.TimerSetTime), FilterWriter.Allow);
        filter->End(filter->Call(Host.ExitGroup), FilterWriter.Allow);
        filter->End(FilterWriter.Kill);
    }

    private static void Waits(FilterWriter* filter)
    {
        uint call = filter->Call(Host.FutexNumber);
        filter->Require(Second, Host.FutexWait, Host.FutexWake);
        filter->End(call, FilterWriter.Allow);
    }
}
