namespace LilyVM.Hypervisor.Guest;

/// <summary>The extended control register 0 (SDM vol. 1, 13.3). Safe: works on the engine's own state.</summary>
internal static unsafe class ExtendedControl
{
    private const ulong X87 = 1, Sse = 2, Avx = 4, Avx512 = 0xE0;

    /// <summary>
    /// XSETBV: #UD without CR4.OSXSAVE; #GP for what CPUID leaf 0DH does not offer, x87 missing, AVX without SSE, or AVX-512 in parts or
    /// without AVX.
    /// </summary>
    public static bool Set(Vcpu* cpu)
    {
        if ((cpu->Cr4 & ControlBits.OsXsave) == 0)
            return Privilege.InvalidOpcode(cpu);
        CpuidEntry* entry = Identification.Find(cpu, 0xD, 0);
        ulong offered = entry == null ? 0 : entry->Eax | (ulong)entry->Edx << 32, value = (ulong)cpu->Dx << 32 | (uint)cpu->Ax;
        bool isWhole = (value & X87) != 0 && (value & (Avx | Sse)) != Avx
            && ((value & Avx512) == 0 || (value & (Avx512 | Avx)) == (Avx512 | Avx));
        if ((uint)cpu->Cx != 0 || (value & ~offered) != 0 || !isWhole)
            return Privilege.GeneralProtection(cpu, 0);
        cpu->Xcr0 = value;
        return true;
    }
}
