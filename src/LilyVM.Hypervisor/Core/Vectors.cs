namespace LilyVM.Hypervisor;

/// <summary>Exception vectors (SDM vol. 3, table 6-1).</summary>
internal static class Vectors
{
    /// <summary>The vectors that the core names: #DE, #DB, #BP, #OF, #UD, #NM, #DF, #TS, #NP, #SS, #GP, #PF and #AC.</summary>
    public const uint Divide = 0, Debug = 1, Breakpoint = 3, Overflow = 4, InvalidOpcode = 6, DeviceNotAvailable = 7, DoubleFault = 8,
        InvalidTss = 10,
        NotPresent = 11, Stack = 12, GeneralProtection = 13, PageFault = 14, AlignmentCheck = 17;

    // Vectors with an error code: 8, 10 to 14, 17, 21.
    private const uint WithErrorCode = 1 << 8 | 0x1F << 10 | 1 << 17 | 1 << 21;

    // Contributory exceptions: 0, 10 to 13 (SDM vol. 3, table 6-4).
    private const uint Contributory = 1 | 0xF << 10;

    /// <summary>Whether the exception pushes an error code.</summary>
    public static bool HasErrorCode(uint vector) => vector < 32 && (WithErrorCode >> (int)vector & 1) != 0;

    /// <summary>Whether a second exception, met while the first is delivered, makes a double fault (SDM vol. 3, table 6-5).</summary>
    public static bool MakeDoubleFault(uint first, uint second)
    {
        bool secondContributes = second < 32 && (Contributory >> (int)second & 1) != 0;
        if (first == PageFault)
            return secondContributes || second == PageFault;
        return first < 32 && (Contributory >> (int)first & 1) != 0 && secondContributes;
    }
}
