namespace LilyVM;

/// <summary>Something that an engine needs of the host.</summary>
/// <param name="Feature">What it is, in a few words.</param>
/// <param name="IsPresent">Whether the host has it.</param>
/// <param name="Advice">What to do where it is missing.</param>
public sealed record HostFinding(string Feature, bool IsPresent, string Advice);
