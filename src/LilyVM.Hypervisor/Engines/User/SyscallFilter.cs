using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>Puts the seccomp filter (<see cref="FilterRules"/>) onto a stub. Safe: the host's kernel reads a program of our own.</summary>
internal static unsafe class SyscallFilter
{
    private const int SetModeFilter = 1, AllowSpeculation = 4;

    private static Room room;

    /// <summary>Of a filter's instructions.</summary>
    [StructLayout(LayoutKind.Sequential, Size = (int)FilterWriter.Most * sizeof(ulong))]
    public struct Room
    {
        public ulong First;
    }

    // struct sock_fprog
    private struct Program
    {
        public ulong Length;
        public ulong* Instructions;
    }

    /// <summary>From now on this process makes no other system calls.</summary>
    public static void Install()
    {
        fixed (Room* instructions = &room)
        {
            var writer = new FilterWriter((ulong*)instructions);
            StubSpace.WriteFilter(&writer);
            Install((ulong*)instructions, writer.Count);
        }
    }

    /// <summary>From now on this process makes no other system calls than such a filter's.</summary>
    public static void Install(ulong* instructions, uint count)
    {
        Program program;
        program.Length = count;
        program.Instructions = instructions;
        SetUp.Call(StubCall.Seccomp, SetModeFilter, AllowSpeculation, (ulong)&program);
    }
}
