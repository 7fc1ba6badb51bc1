namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// Instructions of 64-bit mode, and how they are called where nothing could be pushed (docs/abi.md): jumps have left the address of their
/// site in the vCPU page. Safe: works on the engine's own state and the vCPU page.
/// </summary>
internal static unsafe class OwnInstructions
{
    private const uint CallBytes = 5, AbsoluteCallBytes = 7;
    private const uint AbsoluteCall = 0x25_14FF; // FF 14 25: call *m32

    /// <summary>Executes what only this architecture has.</summary>
    public static Outcome Execute(Vcpu* cpu, Request* request)
    {
        switch (request->Op)
        {
            case Op.Sysret:
                return SystemCalls.Return(cpu, request->Width);
            case Op.Swapgs:
                Segments.SwapGs(cpu);
                return Executor.Finish(cpu, request, true);
            default:
                return Executor.Finish(cpu, request, Privilege.InvalidOpcode(cpu));
        }
    }

    /// <summary>Far RET, whose words are as wide as its operand.</summary>
    public static Outcome FarReturn(Vcpu* cpu, Request* request) => FarTransfers.Lret(cpu, request->Width);

    /// <summary>Whether an entry of the jump table is jumped to, with the stack as its instruction wants it.</summary>
    public static bool IsJumpedTo(Op op) => op is Op.Iret or Op.Sysret;

    /// <summary>Where a jump to the library stands.</summary>
    public static Word JumpSite(Vcpu* cpu) => cpu->Page->TransferSite - CallBytes;

    /// <summary>Where the call stands that returns to an address.</summary>
    public static Word CallSite(Vcpu* cpu, Word returnAddress)
    {
        uint word;
        bool isAbsolute = GuestMemory.Read32(cpu, returnAddress - AbsoluteCallBytes, AccessFlags.Read, &word)
            && (word & 0xFF_FFFF) == AbsoluteCall;
        return returnAddress - (isAbsolute ? AbsoluteCallBytes : CallBytes);
    }
}
