using System.Buffers.Binary;

namespace LilyVM.Boot;

/// <summary>
/// What a PC's BIOS leaves in memory for those who start after it: words of the BIOS data area at 0x400, and the extended one at the end of
/// low memory. Kernels look there for the end of low memory and for tables. Values as SeaBIOS leaves them on a PC with the same devices.
/// </summary>
internal static class BiosDataArea
{
    /// <summary>Guest physical address.</summary>
    internal const uint Address = 0x400;

    private const int Size = 0x100;
    private const ushort FirstSerial = 0x3F8, SecondSerial = 0x2F8;
    private const int SerialCountShift = 9; // in the equipment word

    // Offsets (IBM PS/2 and PC BIOS Interface Technical Reference, section 3).
    private const int SerialPorts = 0x00, ExtendedSegment = 0x0E, Equipment = 0x10, BaseMemory = 0x13;

    /// <summary>The first byte of the extended area: its size in KiB.</summary>
    internal static ReadOnlyMemory<byte> ExtendedArea { get; } = new byte[] { 1 };

    /// <summary>The area's bytes; a Linux finds <see cref="ResetFlag"/> as its judge wants it, others as after a cold start.</summary>
    internal static byte[] Encode(bool hasSecondSerial, bool forLinux)
    {
        byte[] area = new byte[Size];
        Put(area, SerialPorts, FirstSerial);
        if (hasSecondSerial)
            Put(area, SerialPorts + sizeof(ushort), SecondSerial);
        Put(area, ExtendedSegment, (ushort)(GuestLayout.LowEnd >> 4));
        Put(area, Equipment, (ushort)((hasSecondSerial ? 2 : 1) << SerialCountShift));
        Put(area, BaseMemory, (ushort)(GuestLayout.LowEnd >> 10));
        Put(area, (int)(ResetFlag.Address - Address), forLinux ? ResetFlag.NeverWritten : (ushort)0);
        return area;
    }

    private static void Put(byte[] area, int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(area.AsSpan(offset), value);
}
