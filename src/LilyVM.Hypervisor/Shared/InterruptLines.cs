using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Shared;

/// <summary>The interrupt lines of the VM process's devices, 0 to 15. The VM process writes them; the engine takes the rises out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InterruptLines
{
    /// <summary>Which lines there are.</summary>
    public const uint All = 0xFFFF;

    /// <summary>In <see cref="Rises"/>, beside the lines: the timer, or a wish to stop, is to be looked at.</summary>
    public const uint LookAgain = 1 << 16;

    /// <summary>A bit for each line that is high.</summary>
    public uint Levels;

    /// <summary>A bit for each line that rose and that the engine has not seen yet, so that no rise is lost.</summary>
    public uint Rises;

    /// <summary>For the VM process: sets a line. True if it rose, which the engine is to be told.</summary>
    public static bool Set(ref InterruptLines lines, int line, bool level)
    {
        uint bit = 1u << line;
        if (!level)
        {
            Interlocked.And(ref lines.Levels, ~bit);
            return false;
        }
        if ((Interlocked.Or(ref lines.Levels, bit) & bit) != 0)
            return false;
        Interlocked.Or(ref lines.Rises, bit);
        return true;
    }
}
