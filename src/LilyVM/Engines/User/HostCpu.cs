using System.Globalization;
using System.Runtime.Intrinsics.X86;
using LilyVM.Boot;
using LilyVM.Hypervisor.Shared.User;

namespace LilyVM.Engines.User;

/// <summary>
/// Where the stubs run. Only one runs at a time, and a hand-over within one CPU is several times cheaper than one between two.
/// </summary>
internal static unsafe class HostCpu
{
    private const int MaskWords = 16; // 1024 CPUs, as glibc's cpu_set_t

    // x87, SSE, AVX and AVX-512 (SDM vol. 1, 13.1): what the guest is offered, and its programs can use.
    private const ulong Offered = 0b1110_0111;

    /// <summary>The state components that XSAVE keeps for the guest; 0 where the host's kernel does not use XSAVE.</summary>
    internal static ulong StateComponents() => (X86Base.CpuId(1, 0).Ecx >> 27 & 1) != 0 ? HostInstructions.Xcr0() & Offered : 0;

    /// <summary>Whether programs may set the bases of FS and GS themselves, and the host's kernel keeps them (AT_HWCAP2).</summary>
    internal static bool HasBaseInstructions()
    {
        const int HardwareCapabilities2 = 26; // AT_HWCAP2
        const ulong BaseInstructions = 2; // HWCAP2_FSGSBASE
        return (HostCalls.Auxiliary(HardwareCapabilities2) & BaseInstructions) != 0;
    }

    /// <summary>The CPU that this thread is on, which the host's scheduler thought the best just now.</summary>
    internal static uint Choose()
    {
        int cpu = HostCalls.CurrentCpu();
        return cpu is >= 0 and < MaskWords * 64 ? (uint)cpu : Layout.AnyCpu;
    }

    /// <summary>The CPUs that this process may use.</summary>
    internal static uint[] Allowed()
    {
        ulong* mask = stackalloc ulong[MaskWords];
        if (HostCalls.GetAffinity(0, MaskWords * sizeof(ulong), mask) != 0)
            return [];
        var cpus = new List<uint>();
        for (uint cpu = 0; cpu < MaskWords * 64; cpu++)
        {
            if ((mask[cpu / 64] >> (int)(cpu % 64) & 1) != 0)
                cpus.Add(cpu);
        }
        return [.. cpus];
    }

    /// <summary>Puts a process's first thread on one CPU; if the host refuses, it stays where it is.</summary>
    internal static void Pin(uint process, uint cpu)
    {
        ulong* mask = stackalloc ulong[MaskWords];
        new Span<ulong>(mask, MaskWords).Clear();
        mask[cpu / 64] = 1ul << (int)(cpu % 64);
        _ = HostCalls.SetAffinity((int)process, MaskWords * sizeof(ulong), mask);
    }

    /// <summary>
    /// How long each CPU was idle since the host started, in ticks of 10 ms: the fourth number of its line in proc_stat(5).
    /// </summary>
    internal static Dictionary<uint, ulong> IdleTicks()
    {
        var idle = new Dictionary<uint, ulong>();
        foreach (string line in File.ReadLines("/proc/stat"))
        {
            if (!line.StartsWith("cpu", StringComparison.Ordinal))
                break;
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0].Length > 3)
                idle[uint.Parse(words[0].AsSpan(3), CultureInfo.InvariantCulture)] = ulong.Parse(words[4], CultureInfo.InvariantCulture);
        }
        return idle;
    }
}
