using LilyVM.Devices;

namespace LilyVM.Tests.Devices;

/// <summary>Reads and writes the clock's memory as guests do: the index to the first port, then the byte by the second.</summary>
internal static class CmosMemory
{
    public static uint In(this Cmos cmos, byte index)
    {
        cmos.Write(0, 1, index);
        return cmos.Read(1, 1);
    }

    public static void Out(this Cmos cmos, byte index, byte value)
    {
        cmos.Write(0, 1, index);
        cmos.Write(1, 1, value);
    }
}
