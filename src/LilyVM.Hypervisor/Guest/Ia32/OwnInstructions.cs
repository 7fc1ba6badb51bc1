namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// Instructions of 64-bit mode, which IA-32 guests do not have, and how the library's entries are called. Safe: works on the engine's own
/// state.
/// </summary>
internal static unsafe class OwnInstructions
{
    private const uint CallBytes = 5;

    /// <summary>Executes what only this architecture has: nothing.</summary>
    public static Outcome Execute(Vcpu* cpu, Request* request) => Executor.Finish(cpu, request, Privilege.InvalidOpcode(cpu));

    /// <summary>Far RET, which drops as many bytes as its operand says.</summary>
    public static Outcome FarReturn(Vcpu* cpu, Request* request) => FarTransfers.Lret(cpu, request->Value & 0xFFFF);

    /// <summary>Whether an entry of the jump table is jumped to; none is.</summary>
    public static bool IsJumpedTo(Op op) => false;

    /// <summary>Where a jump to the library stands; there is none.</summary>
    public static Word JumpSite(Vcpu* cpu) => cpu->Ip;

    /// <summary>Where the call stands that returns to an address.</summary>
    public static Word CallSite(Vcpu* cpu, Word returnAddress) => returnAddress - CallBytes;
}
