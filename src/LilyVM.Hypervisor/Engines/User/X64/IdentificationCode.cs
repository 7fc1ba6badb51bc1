namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// What a patched CPUID puts into EBX: bits 0 to 15 are the offset behind CPUID in its page, bits 16 to 23 twice the number of what it
/// returns (of <see cref="Shared.User.Machine.ProgramCpuid"/>), bits 24 to 31 the bytes from the MOV to behind CPUID
/// (native/vmlib/x64/deprivileged/fast.S).
/// </summary>
internal static unsafe class IdentificationCode
{
    private const uint OffsetMask = 0xFFFF, EntryMask = CpuidTable.Capacity - 1;
    private const int EntryShift = 17, LengthShift = 24;

    /// <summary>The code of a CPUID.</summary>
    public static uint Of(uint start, uint behind, uint entry) => behind | entry << EntryShift | behind - start << LengthShift;

    /// <summary>The offset behind CPUID.</summary>
    public static uint Behind(uint code) => code & OffsetMask;

    /// <summary>What EAX is before CPUID.</summary>
    public static uint Leaf(uint code) => CpuidTable.At(&This.Machine->ProgramCpuid, code >> EntryShift & EntryMask)->Leaf;

    /// <summary>
    /// A program on its way from a CPUID stands before the MOV again. EBX, ECX and EDX are whatever they are: CPUID overwrites them, and
    /// between the two nothing reads them.
    /// </summary>
    public static void Rewind(Vcpu* cpu, uint code, ulong behind) => cpu->Ip = behind - (code >> LengthShift);
}
