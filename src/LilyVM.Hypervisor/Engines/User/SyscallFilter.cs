namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// The seccomp filter of a stub that runs the guest, a table for each architecture. Its first test finds the guest's own system calls and
/// turns them into signals, so no other means (Syscall User Dispatch) is needed to catch them. The rest protects the host from a guest that
/// reaches the stub's code: what is left are mappings of guest memory where the guest may be, waiting, timers, what the architecture's
/// segments or bases need, and ending itself. Safe: the host's kernel reads a table of our own.
/// </summary>
internal static unsafe partial class SyscallFilter
{
    private const ulong Load = 0x20, Equal = 0x15, Above = 0x35, Return = 0x06; // BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JGE|K, BPF_RET|K
    private const ulong Kill = 0x8000_0000, Trap = 0x0003_0000, Allow = 0x7FFF_0000;
    private const ulong X86_64 = 0xC000_003E;
    private const int SetModeFilter = 1, AllowSpeculation = 4;

    private struct ProgramHeader
    {
        public ulong Length;
        public ulong Instructions;
    }

    /// <summary>From now on this process makes no other system calls.</summary>
    public static void Install()
    {
        fixed (ulong* program = Program)
        {
            ProgramHeader header;
            header.Length = (ulong)Program.Length;
            header.Instructions = (ulong)program;
            SetUp.Call(StubCall.Seccomp, SetModeFilter, AllowSpeculation, (ulong)&header);
        }
    }
}
