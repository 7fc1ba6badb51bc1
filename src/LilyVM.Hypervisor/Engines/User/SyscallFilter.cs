using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>Puts the seccomp filter (<see cref="FilterRules"/>) onto a stub. Safe: the host's kernel reads a program of our own.</summary>
internal static unsafe class SyscallFilter
{
    private const int SetModeFilter = 1, AllowSpeculation = 4;

    private static Room room;

    [StructLayout(LayoutKind.Sequential, Size = (int)FilterWriter.Most * sizeof(ulong))]
    private struct Room
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
            FilterRules.Write(&writer);
            Program program;
            program.Length = writer.Count;
            program.Instructions = (ulong*)instructions;
            SetUp.Call(StubCall.Seccomp, SetModeFilter, AllowSpeculation, (ulong)&program);
        }
    }
}
