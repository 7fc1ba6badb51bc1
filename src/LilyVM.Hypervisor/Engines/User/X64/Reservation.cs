namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// The guest's addresses in a stub. All of them are reserved without rights, so that a wild access is a signal, that the host puts
/// nothing of its own there, and that the host's page tables stay when pages come and go. The VM area is the one part that belongs to the
/// engine.
/// </summary>
internal static class Reservation
{
    /// <summary>The lowest address: hosts refuse mappings below (vm.mmap_min_addr).</summary>
    public const ulong Lowest = 0x1_0000;

    private const ulong AfterVmArea = 0x8000_0000;

    /// <summary>Whether the host can put a page of the guest there.</summary>
    public static bool Holds(ulong gva) => gva >= Lowest && gva < Layout.Image && (gva < VmArea.Base || gva >= AfterVmArea);

    /// <summary>Reserves everything, or gives everything that is mapped back.</summary>
    public static bool Renew() => Reserve(Lowest, VmArea.Base) && Reserve(AfterVmArea, Layout.Image);

    /// <summary>
    /// Reserves a range anew: nothing is mapped there any more. Who has all mappings that the host gives must give some back first, even to
    /// map nothing over them (Linux, mm/mmap.c: "Too many mappings?").
    /// </summary>
    public static bool Reserve(ulong start, ulong end) =>
        MapNothing(start, end) || (Host.Call(Host.Munmap, start, end - start) == 0 && MapNothing(start, end));

    private static bool MapNothing(ulong start, ulong end) =>
        (ulong)Host.Call(Host.Mmap, start, end - start, Host.NoAccess, Host.Nothing, ulong.MaxValue) == start;
}
