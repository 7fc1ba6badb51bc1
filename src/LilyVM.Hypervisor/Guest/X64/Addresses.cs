namespace LilyVM.Hypervisor.Guest;

/// <summary>Linear addresses of 48 bits (SDM vol. 1, 3.3.7.1).</summary>
internal static class Addresses
{
    private const int UnusedBits = 64 - 48;

    /// <summary>Whether bits 63 to 47 are all alike.</summary>
    public static bool AreCanonical(ulong address) => (ulong)((long)(address << UnusedBits) >> UnusedBits) == address;
}
