namespace LilyVM.Hypervisor.Engines.Common;

/// <summary>
/// What engines do with what the core asks for. The classes that do it have the same names in each engine (build/Hypervisor.Sources.props).
/// Safe: works on the vCPU.
/// </summary>
internal static unsafe class Outcomes
{
    /// <summary>Carries an outcome out, and those that follow from it; the guest may go on then.</summary>
    public static void Carry(Vcpu* cpu, Outcome outcome)
    {
        while (true)
        {
            switch (outcome)
            {
                case Outcome.Resume:
                    return;
                case Outcome.PortAccess:
                    Exits.Port(cpu);
                    outcome = Accesses.Complete(cpu);
                    break;
                case Outcome.DeviceAccess:
                    Exits.Device(cpu);
                    outcome = Accesses.Complete(cpu);
                    break;
                case Outcome.Halt when !Flags.Interrupts(cpu):
                    cpu->Shutdown = ShutdownReason.HaltedForEver;
                    outcome = Outcome.Shutdown;
                    break;
                case Outcome.Halt:
                    Idle.Wait(cpu);
                    return;
                case Outcome.TimeStamp:
                    ulong stamp = Native.ReadTsc();
                    cpu->Ax = (uint)stamp;
                    cpu->Dx = (uint)(stamp >> 32);
                    return;
                case Outcome.FlushPage:
                    Mappings.FlushPage(cpu);
                    return;
                case Outcome.AddressSpace:
                    Mappings.Switch(cpu);
                    return;
                case Outcome.FlushAll:
                    Mappings.FlushAll(cpu);
                    return;
                case Outcome.PagingMode:
                    Mappings.Reset(cpu);
                    return;
                case Outcome.Shutdown:
                    Exits.End(cpu);
                    return;
                default: // the core knows no more: a bug
                    Exits.Unexpected(cpu, outcome);
                    return;
            }
        }
    }
}
