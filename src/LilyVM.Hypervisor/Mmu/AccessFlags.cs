namespace LilyVM.Hypervisor.Mmu;

/// <summary>What an access of the guest does, in the bits of a page fault's error code (SDM vol. 3, 4.7).</summary>
internal static class AccessFlags
{
    /// <summary>A read by privilege levels 0 to 2.</summary>
    public const uint Read = 0;

    /// <summary>Error code only: the page is present, and its rights forbid the access.</summary>
    public const uint Protection = 1;

    /// <summary>A write.</summary>
    public const uint Write = 2;

    /// <summary>By privilege level 3.</summary>
    public const uint User = 4;

    /// <summary>Error code only: an entry has a bit set that must not be.</summary>
    public const uint Reserved = 8;

    /// <summary>An instruction is fetched. Where pages cannot forbid that, error codes do without.</summary>
    public const uint Fetch = 0x10;
}
