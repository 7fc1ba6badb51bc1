namespace LilyVM.Hypervisor.Emulation;

/// <summary>What the current privilege level means for memory accesses and for faults. Safe: works on the engine's own state.</summary>
internal static unsafe class Privilege
{
    /// <summary>Access flags for an access of the guest itself.</summary>
    public static uint Access(Vcpu* cpu, uint access) => cpu->Cpl == 3 ? access | AccessFlags.User : access;

    /// <summary>Records #GP(<paramref name="errorCode"/>). Always false, for <c>return</c>.</summary>
    public static bool GeneralProtection(Vcpu* cpu, uint errorCode)
    {
        cpu->Fault.Vector = Vectors.GeneralProtection;
        cpu->Fault.ErrorCode = errorCode;
        return false;
    }

    /// <summary>Records #UD. Always false, for <c>return</c>.</summary>
    public static bool InvalidOpcode(Vcpu* cpu)
    {
        cpu->Fault.Vector = Vectors.InvalidOpcode;
        cpu->Fault.ErrorCode = 0;
        return false;
    }
}
