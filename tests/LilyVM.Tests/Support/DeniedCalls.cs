using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace LilyVM.Tests.Support;

/// <summary>
/// Runs an action on a thread that a seccomp filter denies one system call to, as a container's profile does. Processes that it starts
/// inherit the filter; other threads of this process do not have it.
/// </summary>
internal static unsafe partial class DeniedCalls
{
    /// <summary>What happens to who makes the call (linux/seccomp.h): fails with EPERM, fails with ENOSYS, gets SIGSYS, the process is
    /// ended; or the
    /// call does nothing and succeeds.</summary>
    internal const uint NotPermitted = 0x5_0001, NotThere = 0x5_0026, WithoutEffect = 0x5_0000, Signalled = 0x3_0000, Ended = 0x8000_0000;

    /// <summary>In place of a call: all those of 32-bit code.</summary>
    internal const uint OldCalls = 0x8000_0000;

    private const int NoNewPrivileges = 38, SetSeccomp = 22, FilterMode = 2; // prctl(2)
    private const ushort Load = 0x20, JumpIfEqual = 0x15, Return = 0x06; // BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
    private const uint Allow = 0x7FFF_0000, I386 = 0x4000_0003; // linux/audit.h

    /// <summary>Runs the action under the filter.</summary>
    /// <param name="call">The call.</param>
    /// <param name="verdict">What happens to who makes it.</param>
    /// <param name="action">The action.</param>
    /// <param name="first">If given, only with this first argument.</param>
    internal static T Run<T>(uint call, uint verdict, Func<T> action, ulong? first = null)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Deny(call, verdict, first);
                result = action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    // The first word of struct seccomp_data is the call's number, the second the architecture, of which 32-bit code has its own; arguments
    // begin at 16.
    private static void Deny(uint call, uint verdict, ulong? first)
    {
        (uint Offset, uint Value)[] tests =
        [
            call == OldCalls ? (4u, I386) : (0u, call),
            .. first is { } value ? ((uint, uint)[])[(16, (uint)value), (20, (uint)(value >> 32))] : [],
        ];
        Instruction* filter = stackalloc Instruction[2 * tests.Length + 2];
        int length = 0;
        foreach ((uint offset, uint wanted) in tests)
        {
            filter[length++] = new(Load, 0, 0, offset);
            filter[length] = new(JumpIfEqual, 0, (byte)(2 * tests.Length - length), wanted); // to the end
            length++;
        }
        filter[length++] = new(Return, 0, 0, verdict);
        filter[length++] = new(Return, 0, 0, Allow);
        var program = new FilterProgram { Length = (ushort)length, Instructions = filter };
        Assert.Equal(0, Control(NoNewPrivileges, 1, 0, 0, 0));
        Assert.Equal(0, Control(SetSeccomp, FilterMode, (nint)(&program), 0, 0));
    }

    // struct sock_filter; the middle fields are how many instructions a jump leaves out.
    private readonly record struct Instruction(ushort Code, byte IfEqual, byte IfNot, uint Operand);

    private struct FilterProgram
    {
        public ushort Length;
        public Instruction* Instructions;
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int what, nint first, nint second, nint third, nint fourth);
}
