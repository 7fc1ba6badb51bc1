namespace LilyVM;

/// <summary>
/// This host's processor runs no 32-bit code for programs, whatever is enabled: no engine that runs guests directly works on it.
/// </summary>
public sealed class HostWithoutSegmentsException : NotDirectlyException
{
    /// <summary>What is so, without what to do.</summary>
    public const string Fact = HostNeeds.SegmentsFact;

    /// <summary>Creates the error with its sentence.</summary>
    public HostWithoutSegmentsException()
        : base(Fact, HostNeeds.Segments)
    {
    }
}
