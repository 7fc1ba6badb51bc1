namespace LilyVM.Assembler.Rules;

/// <summary>
/// Instructions near the sensitive ones that pass unchanged, each with its reason. Reported by <c>--stats</c> and in docs/rewrites.md.
/// </summary>
public static class LeftAlone
{
    private const string TimeStamp = "reads the host's time stamp counter, which the guest is meant to see";
    private const string Trap = "traps through the guest's IDT, or is turned back into the guest's exception by the engine";
    private const string FpuState = "FPU state is really switched, by the guest itself";
    private const string MaskedSmap = "the CPUID policy masks SMAP, so the kernel never executes it";
    private const string MaskedXsaves = "the CPUID policy masks XSAVES, so the kernel never executes it";
    private const string MaskedWait = "unprivileged, and the CPUID policy masks WAITPKG";
    private const string MaskedWaitX = "the CPUID policy masks MONITORX, so the kernel never executes it";
    private const string MaskedPku = "unprivileged, and the CPUID policy masks PKU";
    private const string Virtualization = "traps, and the CPUID policy masks VMX and SVM";
    private const string Bases = "unprivileged, and really read and written where CPUID shows FSGSBASE";
    private const string Masked = "traps, and the CPUID policy masks the feature";
    private const string Firmware = "traps: for the firmware, hypervisor or encrypted guest of a bare machine";
    private const string Hypercall = "a call to another hypervisor: dead unless CPUID names that one";

    /// <summary>Mnemonic and reason.</summary>
    public static IReadOnlyDictionary<string, string> Reasons { get; } = new Dictionary<string, string>
    {
        ["rdtsc"] = TimeStamp,
        ["rdtscp"] = TimeStamp,
        ["int3"] = Trap,
        ["into"] = Trap,
        ["int1"] = Trap,
        ["icebp"] = Trap,
        ["rdfsbase"] = Bases,
        ["rdgsbase"] = Bases,
        ["wrfsbase"] = Bases,
        ["wrgsbase"] = Bases,
        ["lkgs"] = Masked,
        ["erets"] = Masked,
        ["eretu"] = Masked,
        ["ud2"] = Trap,
        ["fxsave"] = FpuState,
        ["fxrstor"] = FpuState,
        ["xsave"] = FpuState,
        ["xsaveopt"] = FpuState,
        ["xsavec"] = FpuState,
        ["xrstor"] = FpuState,
        ["xgetbv"] = "reads XCR0, which is the host's while the guest runs",
        ["clac"] = MaskedSmap,
        ["stac"] = MaskedSmap,
        ["xsaves"] = MaskedXsaves,
        ["xsaves64"] = MaskedXsaves,
        ["xrstors64"] = MaskedXsaves,
        ["xrstors"] = MaskedXsaves,
        ["tpause"] = MaskedWait,
        ["umwait"] = MaskedWait,
        ["umonitor"] = MaskedWait,
        ["rdpkru"] = MaskedPku,
        ["wrpkru"] = MaskedPku,
        ["vmcall"] = Hypercall,
        ["vmmcall"] = Hypercall,
        ["vmxon"] = Virtualization,
        ["vmxoff"] = Virtualization,
        ["vmlaunch"] = Virtualization,
        ["vmresume"] = Virtualization,
        ["vmread"] = Virtualization,
        ["vmwrite"] = Virtualization,
        ["vmptrld"] = Virtualization,
        ["vmptrst"] = Virtualization,
        ["vmclear"] = Virtualization,
        ["vmrun"] = Virtualization,
        ["vmload"] = Virtualization,
        ["vmsave"] = Virtualization,
        ["stgi"] = Virtualization,
        ["clgi"] = Virtualization,
        ["invept"] = Virtualization,
        ["invvpid"] = Virtualization,
        ["invlpga"] = Virtualization,
        ["skinit"] = Virtualization,
        ["monitorx"] = MaskedWaitX,
        ["mwaitx"] = MaskedWaitX,
        ["setssbsy"] = Masked,
        ["clrssbsy"] = Masked,
        ["wrussd"] = Masked,
        ["wrussq"] = Masked,
        ["encls"] = Masked,
        ["enclv"] = Masked,
        ["enqcmds"] = Masked,
        ["hreset"] = Masked,
        ["pconfig"] = Masked,
        ["wrmsrns"] = Masked,
        ["rdmsrlist"] = Masked,
        ["wrmsrlist"] = Masked,
        ["invlpgb"] = Firmware,
        ["tlbsync"] = Firmware,
        ["psmash"] = Firmware,
        ["pvalidate"] = Firmware,
        ["rmpadjust"] = Firmware,
        ["rmpupdate"] = Firmware,
        ["rmpquery"] = Firmware,
        ["tdcall"] = Firmware,
        ["seamcall"] = Firmware,
        ["seamops"] = Firmware,
        ["seamret"] = Firmware,
    };

    /// <summary>Why the operand-carrying <c>verw</c> of a patched alternative stays: see <see cref="Converter"/>.</summary>
    public const string VerwInAlternative = "verw inside an alternative flushes CPU buffers: its result is unused, any privilege may " +
        "execute it, and the CPUID policy masks the feature";

    /// <summary>Inside <c>.code16</c>, and <c>.code64</c> or <c>.code32</c> of the other architecture.</summary>
    public const string OtherMode = "code of another size than the file's";

    /// <summary>In a region that the source switched off.</summary>
    public const string SwitchedOff = "switched off by .set .Llilyvm_rewrite, 0";

    /// <summary>
    /// Finds the reason for a mnemonic that passes unchanged, with or without the suffix of its size (<c>vmreadl</c>; Intel's
    /// <c>vmreadd</c>).
    /// </summary>
    public static bool TryGet(ReadOnlySpan<char> mnemonic, out string reason)
    {
        var reasons = ((Dictionary<string, string>)Reasons).GetAlternateLookup<ReadOnlySpan<char>>();
        return reasons.TryGetValue(mnemonic, out reason!) || (mnemonic is [.., 'l' or 'q' or 'd']
            && reasons.TryGetValue(mnemonic[..^1], out reason!));
    }
}
