namespace LilyVM.Cli.Lab;

/// <summary>A host that the kernel module is tested on.</summary>
/// <param name="Name">What users call it.</param>
/// <param name="Flavour">Debian's flavour of the kernel, or <see cref="DebugKernel.Flavour"/>.</param>
/// <param name="Cpu">QEMU's processor.</param>
/// <param name="KernelOptions">What of the kernel goes with that processor.</param>
/// <param name="What">A line for people.</param>
internal sealed record LabVariant(string Name, string Flavour, string Cpu, string KernelOptions, string What)
{
    /// <summary>The variant of everyday use.</summary>
    internal const string DefaultName = "cloud";

    private const string Cloud = "cloud-amd64", Generic = "amd64";

    // QEMU 7.2's XSAVE and XRSTOR do not look at CR0.TS, so with them no engine can load FPU state lazily (docs/lab.md). No processor has
    // AVX without XSAVE, so there are programs that look for AVX alone (cksum of Debian 12).
    private const string Max = "max", MaxWithoutXsave = "max,-xsave,-avx,-avx2,-f16c,-fma,-vaes,-vpclmulqdq";

    // Emulated, mitigations protect nothing and cost time.
    private const string NoMitigations = "mitigations=off";

    // Pages and objects that are free hold a pattern, which is looked at before they are used again.
    private const string Watching = "page_poison=1 slub_debug=FZPU";

    /// <summary>
    /// All of them. `max` has five levels of page tables, UMIP, SMEP and SMAP. Haswell is the processor of an Intel host that needs
    /// page-table isolation, so there the kernel switches its tables at each entry, and has its other mitigations on as well.
    /// </summary>
    internal static IReadOnlyList<LabVariant> All { get; } =
    [
        new(DefaultName, Cloud, MaxWithoutXsave, NoMitigations, "Debian's kernel for clouds, a processor with all that QEMU has but XSAVE"),
        new("cloud-4level", Cloud, MaxWithoutXsave + ",-la57", NoMitigations, "the same with four levels of page tables instead of five"),
        new("cloud-pti", Cloud, "Haswell", "pti=on", "the same with page-table isolation and mitigations"),
        new("generic", Generic, Max, NoMitigations, "Debian's ordinary kernel, a processor with all that QEMU has"),
        new("generic-4level", Generic, Max + ",-la57", NoMitigations, "the same with four levels of page tables"),
        new("generic-pti", Generic, "Haswell", "pti=on", "the same with page-table isolation and mitigations"),
        new("debug", DebugKernel.Flavour, MaxWithoutXsave, Watching, "a kernel that watches locks and memory, which the first use builds"),
    ];

    /// <summary>Whether its kernel is built and not Debian's.</summary>
    internal bool IsBuilt => Flavour == DebugKernel.Flavour;

    /// <summary>Whether the host can have /dev/kvm: its processor virtualizes, and its kernel's modules for that need no others.</summary>
    internal bool HasKvm => Flavour == Cloud && Cpu.StartsWith("max", StringComparison.Ordinal);

    /// <summary>The variant of that name.</summary>
    internal static LabVariant Find(string name) => All.FirstOrDefault(v => v.Name == name)
        ?? throw new LilyVMException($"'{name}' is no variant of the lab, which are: {string.Join(", ", All.Select(v => v.Name))}.");
}
