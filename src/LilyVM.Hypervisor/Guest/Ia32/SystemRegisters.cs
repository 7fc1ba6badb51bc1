namespace LilyVM.Hypervisor.Guest;

/// <summary>The model-specific registers that 64-bit mode is made of: IA-32 guests have none.</summary>
internal static unsafe class SystemRegisters
{
    /// <summary>RDMSR; false, for there is no such register.</summary>
    public static bool TryRead(Vcpu* cpu) => false;

    /// <summary>WRMSR; false, for there is no such register.</summary>
    public static bool TryWrite(Vcpu* cpu, bool* done) => *done = false;
}
