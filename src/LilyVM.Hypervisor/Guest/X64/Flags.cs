namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// The flags register (SDM vol. 1, 3.4.3), which lies in three places: what the CPU holds while the guest runs, IF in the vCPU page, and
/// what is only virtual. Safe: works on the engine's own state and the vCPU page.
/// </summary>
internal static unsafe class Flags
{
    /// <summary>The bit that is always set, and CF, PF, AF, ZF, SF and OF.</summary>
    public const ulong Fixed = 2, StatusMask = 0x8D5;

    /// <summary>TF, IF, DF, IOPL (two bits), NT, RF, AC and ID.</summary>
    public const ulong Trap = 1 << 8, Interrupt = 1 << 9, Direction = 1 << 10, IoPrivilege = 3 << 12, NestedTask = 1 << 14,
        Resume = 1 << 16,
        Alignment = 1 << 18, Id = 1 << 21;

    /// <summary>What PUSHF shows: all but RF and VM.</summary>
    public const ulong Pushed = ~(Resume | 1ul << 17);

    private const ulong Real = StatusMask | Trap | Direction | Alignment | Id, Virtual = IoPrivilege | NestedTask;

    /// <summary>The flags as the guest sees them.</summary>
    public static ulong Get(Vcpu* cpu) =>
        (cpu->Flags & Real) | (cpu->Page->Flags & Interrupt) | (cpu->VirtualFlags & Virtual) | Fixed;

    /// <summary>POPF: IOPL changes at privilege level 0 only, IF up to IOPL (SDM vol. 2, POPF).</summary>
    public static void Set(Vcpu* cpu, ulong value) => Set(cpu, value, cpu->Cpl);

    /// <summary>As POPF or IRET executed at privilege level <paramref name="level"/>.</summary>
    public static void Set(Vcpu* cpu, ulong value, ulong level)
    {
        ulong ioPrivilege = cpu->VirtualFlags >> 12 & 3;
        cpu->Flags = (value & Real) | Fixed;
        if (level <= ioPrivilege)
            SetInterrupt(cpu, (value & Interrupt) != 0);
        cpu->VirtualFlags = (value & NestedTask) | ((level == 0 ? value : cpu->VirtualFlags) & IoPrivilege);
    }

    /// <summary>Whether interrupts may be delivered.</summary>
    public static bool Interrupts(Vcpu* cpu) => (cpu->Page->Flags & Interrupt) != 0;

    /// <summary>Sets or clears IF.</summary>
    public static void SetInterrupt(Vcpu* cpu, bool on) => cpu->Page->Flags = on ? Fixed | Interrupt : Fixed;
}
