using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Mmu;

/// <summary>Guest physical addresses.</summary>
internal static unsafe class PhysicalMemory
{
    /// <summary>Whether one is that of RAM. Those of an IA-32 guest end below the hole (<see cref="Vcpu.RamEnd"/>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsRam(Vcpu* cpu, ulong gpa) =>
        gpa < cpu->RamEnd && (!Architecture.Is64Bit || gpa - RamHole.Start >= RamHole.End - RamHole.Start);
}
