namespace LilyVM.Hypervisor.Shared.User;

/// <summary>What a stub does so that guest RAM comes in large pages, where it is used for the first time.</summary>
internal enum RamGrowth : uint
{
    /// <summary>Nothing: it comes so, or cannot.</summary>
    ByItself,

    /// <summary>Touches each piece of it through its own mapping, which has the advice (MADV_HUGEPAGE, Linux 4.8).</summary>
    ByTouch,

    /// <summary>Lets the host put each piece together (MADV_COLLAPSE, Linux 6.1).</summary>
    ByCollapse,
}
