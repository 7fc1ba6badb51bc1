using System.CommandLine;
using LilyVM.Native;

namespace LilyVM.Cli.Commands;

/// <summary>How much memory QEMU's machine has for a guest.</summary>
internal static class QemuMemory
{
    /// <summary>
    /// What was asked for, in words, if it is more; else null. The kernel's file is read only if that decides; one that is missing is told
    /// later.
    /// </summary>
    internal static string? TooMuch(ParseResult parsed, MachineArguments arguments, GuestChoice guest)
    {
        long memory = MachineArguments.ParseMemory(parsed.GetRequiredValue(arguments.Memory));
        if (memory <= NativeTarget.Ia32.MaxMemoryBytes)
            return null;
        NativeTarget target = guest.IsKnown ? NativeTarget.Of(guest.Architecture) : NativeTarget.Ia32;
        return memory > target.MaxMemoryBytes ? $"{arguments.Memory.Name} beyond {target.MaxMemoryBytes >> 20}M" : null;
    }
}
