namespace LilyVM.Hypervisor.Engines.User;

/// <summary>The one place to end a VM whose stub cannot go on. Safe: what it writes lies in memory that every stub has mapped.</summary>
internal static unsafe class Failure
{
    /// <summary>Tells the VM process, which ends the machine; does not return.</summary>
    public static void Report(FailureCode code, ulong address, ulong ip)
    {
        Machine* machine = This.Machine;
        machine->FailureCode = (uint)code;
        machine->FailureAddress = address;
        machine->FailureIp = ip;
        while (true)
            Exits.Ask(StubExit.Failed);
    }
}
