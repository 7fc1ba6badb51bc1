using System.Runtime.Intrinsics.X86;
using LilyVM.Boot;
using LilyVM.Hypervisor.User;

namespace LilyVM.Engines.User;

/// <summary>Where the stubs run. Only one runs at a time, and a hand-over within one CPU is several times cheaper than one between two.</summary>
internal static class HostCpu
{
    // x87, SSE, AVX and AVX-512 (SDM vol. 1, 13.1): what the guest is offered, and its programs can use.
    private const ulong Offered = 0b1110_0111;

    /// <summary>The state components that XSAVE keeps for the guest; 0 where the host's kernel does not use XSAVE.</summary>
    internal static ulong StateComponents() => (X86Base.CpuId(1, 0).Ecx >> 27 & 1) != 0 ? HostInstructions.Xcr0() & Offered : 0;

    /// <summary>The CPU that this thread is on, which the host's scheduler thought the best just now.</summary>
    internal static uint Choose()
    {
        int cpu = HostCalls.CurrentCpu();
        return cpu is >= 0 and < 1024 ? (uint)cpu : Layout.AnyCpu;
    }
}
