using System.Buffers.Binary;
using LilyVM.Memory;

namespace LilyVM.Boot;

/// <summary>
/// The reset flag of the BIOS data area, the word at 0x472: a kernel writes there what kind of restart it wants before it resets the machine
/// (Linux: native_machine_emergency_restart). So a triple fault by which a kernel restarts can be told from one by which it crashed, and with
/// Linux's option <c>reboot=panic_warm</c> a panic from an orderly end.
/// </summary>
internal static class ResetFlag
{
    private const uint Address = 0x472;
    private const ushort Cold = 0, Warm = 0x1234, NeverWritten = 0xFFFF;

    /// <summary>To be called before the guest starts.</summary>
    internal static void Prepare(GuestRam ram) => BinaryPrimitives.WriteUInt16LittleEndian(Word(ram), NeverWritten);

    /// <summary>What a restart of the guest means.</summary>
    internal static MachineEnd Judge(GuestRam ram) => BinaryPrimitives.ReadUInt16LittleEndian(Word(ram)) switch
    {
        Cold => MachineEnd.Restart,
        Warm => MachineEnd.Panic,
        _ => MachineEnd.TripleFault,
    };

    private static Span<byte> Word(GuestRam ram) =>
        ram.TryGetSpan(Address, sizeof(ushort), out Span<byte> word) ? word : throw new InvalidOperationException("RAM ends below 1 KiB.");
}
