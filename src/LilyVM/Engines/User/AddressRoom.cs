extern alias X64;

using System.Runtime.InteropServices;
using Layout = X64::LilyVM.Hypervisor.Shared.User.Layout;

namespace LilyVM.Engines.User;

/// <summary>
/// Whether the host gives a stub the addresses that x86-64 guests have: all from 64 KiB to the stub itself, reserved at its start. Asked in
/// this process, which has the same limits.
/// </summary>
internal static unsafe class AddressRoom
{
    /// <summary>The lowest address that a guest's programs may have: Linux's own choice of vm.mmap_min_addr.</summary>
    internal const ulong Lowest = 0x1_0000;

    private const int AddressSpaceLimit = 9; // RLIMIT_AS
    private const int NoAccess = 0, Exists = 17; // EEXIST
    private const int Probe = 0x10_4022; // MAP_FIXED_NOREPLACE, MAP_NORESERVE, MAP_ANONYMOUS, MAP_PRIVATE
    private const nuint PageSize = 0x1000;

    /// <summary>What is in the way, in a sentence; null if nothing is.</summary>
    internal static string? Problem() => LimitProblem() ?? TopProblem() ?? LowProblem();

    /// <summary>A limit of the process.</summary>
    internal static string? LimitProblem()
    {
        ulong* limits = stackalloc ulong[2];
        return HostCalls.GetLimit(AddressSpaceLimit, limits) == 0 && limits[0] < Layout.Image ? HostNeeds.AddressLimit : null;
    }

    /// <summary>A kernel with fewer bits of addresses.</summary>
    internal static string? TopProblem() => CanMap(Layout.Image) ? null : HostNeeds.AddressBits;

    /// <summary>A kernel that keeps low addresses for itself.</summary>
    internal static string? LowProblem() => CanMap(Lowest) ? null : HostNeeds.LowAddresses;

    // What lies there already could be mapped, too.
    private static bool CanMap(ulong address)
    {
        nint start = HostCalls.Map((nint)address, PageSize, NoAccess, Probe, -1, 0);
        if (start == -1)
            return Marshal.GetLastPInvokeError() == Exists;
        _ = HostCalls.Unmap(start, PageSize);
        return start == (nint)address; // kernels that do not know MAP_FIXED_NOREPLACE take another place
    }
}
