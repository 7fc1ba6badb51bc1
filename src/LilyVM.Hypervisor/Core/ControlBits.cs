namespace LilyVM.Hypervisor;

/// <summary>Bits of CR0 and CR4 that decide how translations work (SDM vol. 3, 2.5).</summary>
internal static class ControlBits
{
    /// <summary>CR0.PG.</summary>
    public const uint Paging = 1u << 31;

    /// <summary>CR0.WP.</summary>
    public const uint WriteProtect = 1 << 16;

    /// <summary>CR0.TS.</summary>
    public const uint TaskSwitched = 1 << 3;

    /// <summary>CR4.PSE.</summary>
    public const uint PageSizeExtension = 1 << 4;

    /// <summary>CR4.PGE.</summary>
    public const uint PageGlobal = 1 << 7;

    /// <summary>CR4.OSXSAVE.</summary>
    public const uint OsXsave = 1 << 18;
}
