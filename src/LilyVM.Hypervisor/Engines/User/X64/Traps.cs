namespace LilyVM.Hypervisor.Engines.User;

internal static unsafe partial class Traps
{
    private const uint OverflowLength = 2; // INT 4, whose real gate is open to all: there is no INTO in 64-bit code

    /// <summary>A page fault that only needs the page; true if the access can be tried again. The fault is in the vCPU otherwise.</summary>
    public static bool TryMap(Vcpu* cpu, uint error, ulong address, uint level) =>
        AddressSpace.Map(cpu, address, Access(error, level)) == MapResult.Mapped;

    // The kernel's own accesses to programs' memory too.
    private static bool MayMapAhead(Vcpu* cpu, ulong address) => cpu->Cpl == 3 || !AddressSpace.IsKernel(address);

    // POPF may have cleared TF.
    private static void MarkStep(Vcpu* cpu)
    {
        if (!IsBehindIcebp(cpu))
            cpu->Page->Dr6 |= StepBit;
    }

    private static Outcome StackFault(Vcpu* cpu) => Raise(cpu, Vectors.Stack, 0);

    // INT1: a trap like a step, but told apart in DR6.
    private static bool IsBehindIcebp(Vcpu* cpu)
    {
        const uint Icebp = 0xF1;
        uint opcode;
        return GuestMemory.Read8(cpu, cpu->Ip - 1, AccessFlags.Read, &opcode) && opcode == Icebp;
    }

    private static uint Access(uint error, ulong level) =>
        (error & (AccessFlags.Write | AccessFlags.Fetch)) | (level == 3 ? AccessFlags.User : 0);

    private static Outcome GuestPageFault(Vcpu* cpu) => Events.RaiseFault(cpu);

    private static Outcome PageFault(Vcpu* cpu, uint error, ulong address)
    {
        if (KeptKernel.Stopped(error) && cpu->Cpl != 3)
            return Outcome.Resume; // the kernel loaded PKRU by XRSTOR; it goes on with all keys
        uint access = Access(error, cpu->Cpl);
        MapResult result = AddressSpace.Map(cpu, address, access);
        return result == MapResult.Mapped ? Outcome.Resume : Unmapped(cpu, result, address, access);
    }

    // The instruction may be one that the core knows.
    private static Outcome Protection(Vcpu* cpu, uint error)
    {
        Outcome outcome = cpu->Cpl == 3 ? PrivilegedInstructions.ExecuteOfProgram(cpu) : PrivilegedInstructions.Execute(cpu);
        return outcome != Outcome.NotHandled ? outcome : RaiseProtection(cpu, error);
    }
}
