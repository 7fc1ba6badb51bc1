using System.Buffers.Binary;
using LilyVM.Memory;

namespace LilyVM.Boot;

/// <summary>
/// The reset flag of the BIOS data area, the word at 0x472, as Linux uses it: it writes there what kind of restart it wants right before it
/// resets the machine (native_machine_emergency_restart), and its option <c>reboot=panic_warm,t</c>, which <see cref="LinuxOptions"/>
/// gives, makes a panic another kind. Other kernels write there what they like, some of them at their start; so nothing but a guest that
/// started by Linux's protocol is judged by it.
/// </summary>
internal static class ResetFlag
{
    /// <summary>Its guest physical address.</summary>
    internal const uint Address = 0x472;

    /// <summary>What it holds before a Linux starts.</summary>
    internal const ushort NeverWritten = 0xFFFF;

    private const ushort Cold = 0, Warm = 0x1234;

    /// <summary>What a Linux meant by an end; <paramref name="seen"/> if it wrote nothing that tells.</summary>
    internal static MachineEnd Judge(GuestRam ram, MachineEnd seen) => Judge(BinaryPrimitives.ReadUInt16LittleEndian(Word(ram)), seen);

    /// <summary>The same of the flag itself.</summary>
    internal static MachineEnd Judge(ushort flag, MachineEnd seen) => flag switch
    {
        Cold when seen == MachineEnd.TripleFault => MachineEnd.Restart, // its way to restart
        Warm => MachineEnd.Panic,
        _ => seen,
    };

    private static Span<byte> Word(GuestRam ram) =>
        ram.TryGetSpan(Address, sizeof(ushort), out Span<byte> word) ? word : throw new InvalidOperationException("RAM ends below 1 KiB.");
}
