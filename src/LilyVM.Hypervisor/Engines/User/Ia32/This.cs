namespace LilyVM.Hypervisor.Engines.User;

/// <content>What leads back to 32-bit code.</content>
internal static unsafe partial class This
{
    /// <summary>Where assembly finds the guest's CS (second word), flags and SS.</summary>
    public static uint* Target, GuestSs;

    /// <summary>Flags to enter the guest with.</summary>
    public static ulong* GuestFlags;

    /// <summary>Finds them.</summary>
    public static void InitializeOwn()
    {
        Target = (uint*)Native.Address(AssemblyAddress.Target);
        GuestSs = (uint*)Native.Address(AssemblyAddress.GuestSs);
        GuestFlags = (ulong*)Native.Address(AssemblyAddress.GuestFlags);
    }
}
