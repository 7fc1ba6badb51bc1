using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Shared.User;

/// <summary>
/// What a stub and the process of its programs share, at <see cref="Layout.Programs"/> in both, where programs have processes of their own:
/// how the two take turns, which mappings the program's side is to make, and the stack of its signals. Programs can read and write all of
/// it: nothing in it is believed, and the secret is in it only while the stub's code runs there.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = (int)Bytes)]
internal unsafe struct ProgramPage
{
    /// <summary>Commands at most in one turn.</summary>
    public const uint Capacity = 512;

    /// <summary>Where the commands and the stack of signals begin, and the size of all.</summary>
    public const uint CommandsAt = 0x1000, StackAt = 0x8000, Bytes = 0x1_8000;

    /// <summary>1: it is the program's side's turn (futex).</summary>
    [FieldOffset(0)]
    public uint Go;

    /// <summary>1: it is the stub's turn (futex).</summary>
    [FieldOffset(64)]
    public uint Back;

    /// <summary>Not zero while the program's side sleeps on <see cref="Go"/>.</summary>
    [FieldOffset(128)]
    public uint GoSleeps;

    /// <summary>Not zero while the stub sleeps on <see cref="Back"/>.</summary>
    [FieldOffset(132)]
    public uint BackSleeps;

    /// <summary>How often each side looks for its turn before it sleeps.</summary>
    [FieldOffset(136)]
    public uint Looks;

    /// <summary>How many commands are to be carried out first.</summary>
    [FieldOffset(140)]
    public uint CommandCount;

    /// <summary>Not zero: only the commands, no program.</summary>
    [FieldOffset(144)]
    public uint Stay;

    /// <summary>The signal that ended the program's turn; 0: none, only commands were carried out.</summary>
    [FieldOffset(148)]
    public uint Signal;

    /// <summary>What the filter of the program's side wants to see in the fifth argument of a call: file descriptor and secret.</summary>
    [FieldOffset(152)]
    public ulong Secret;

    /// <summary>What a command failed with, which was the last one carried out.</summary>
    [FieldOffset(160)]
    public long Error;

    /// <summary>Of the signal: where its siginfo_t lies.</summary>
    [FieldOffset(168)]
    public ulong Information;

    /// <summary>Of the signal: where its ucontext lies.</summary>
    [FieldOffset(176)]
    public ulong Context;
}

/// <summary>One system call of the program's side.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ProgramCommand
{
    /// <summary>Its number and its arguments but the fifth, which is <see cref="ProgramPage.Secret"/>.</summary>
    public ulong Number, First, Second, Third, Fourth, Sixth;
}
