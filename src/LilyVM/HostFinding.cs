namespace LilyVM;

/// <summary>Something that an engine looks for on the host.</summary>
/// <param name="Feature">What it is, in a few words.</param>
/// <param name="IsPresent">Whether the host has it.</param>
/// <param name="Advice">What to do where it is missing, or what that costs where guests run without it.</param>
public sealed record HostFinding(string Feature, bool IsPresent, string Advice)
{
    /// <summary>Whether guests run without it, only slower.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Whether it keeps guests from running.</summary>
    public bool IsObstacle => !IsPresent && !IsOptional;
}
