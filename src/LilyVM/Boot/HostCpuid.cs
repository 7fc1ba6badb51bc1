using System.Collections.Concurrent;
using System.Runtime.Intrinsics.X86;
using LilyVM.Hypervisor;

namespace LilyVM.Boot;

/// <summary>CPUID of this host. Each leaf is asked for once: on a host that is a guest itself every CPUID is an exit.</summary>
internal static class HostCpuid
{
    private static readonly ConcurrentDictionary<(uint Leaf, uint Subleaf), CpuidEntry> Known = new();

    /// <summary>What a leaf and subleaf return, on the processor where they were asked for first.</summary>
    internal static CpuidEntry Read(uint leaf, uint subleaf) => Known.GetOrAdd((leaf, subleaf), static key =>
    {
        (int eax, int ebx, int ecx, int edx) = X86Base.CpuId((int)key.Leaf, (int)key.Subleaf);
        return new CpuidEntry { Leaf = key.Leaf, Subleaf = key.Subleaf, Eax = (uint)eax, Ebx = (uint)ebx, Ecx = (uint)ecx,
            Edx = (uint)edx };
    });
}
