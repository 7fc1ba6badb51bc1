namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// What the guest does to its address spaces, for <see cref="Common.Outcomes"/>: mappings of the host. Safe: works on the vCPU.
/// </summary>
internal static unsafe class Mappings
{
    /// <summary>INVLPG.</summary>
    public static void FlushPage(Vcpu* cpu) => AddressSpace.FlushPage(cpu, cpu->FlushedAddress);

    /// <summary>CR3 was loaded.</summary>
    public static void Switch(Vcpu* cpu) => Baton.Switch(cpu);

    /// <summary>All translations are to be forgotten.</summary>
    public static void FlushAll(Vcpu* cpu) => AddressSpace.FlushAll(cpu);

    /// <summary>All translations have another meaning now.</summary>
    public static void Reset(Vcpu* cpu) => AddressSpace.Reset();
}
