namespace LilyVM.Bench.Lab;

/// <summary>A choice of the kernel engine's policies.</summary>
/// <param name="Mmu">How shadow page tables follow the guest's.</param>
/// <param name="Fpu">When the guest's FPU state is loaded.</param>
internal sealed record LabPolicy(KernelMmu Mmu, KernelFpu Fpu)
{
    /// <summary>All of them, the usual one first.</summary>
    internal static IReadOnlyList<LabPolicy> All { get; } =
        [.. from fpu in Enum.GetValues<KernelFpu>() from mmu in Enum.GetValues<KernelMmu>() select new LabPolicy(mmu, fpu)];

    /// <summary>The options of <c>lilyvm boot</c>.</summary>
    internal IReadOnlyList<string> Options => ["--engine", "kernel", "--mmu", Name(Mmu), "--fpu", Name(Fpu)];

    /// <summary>The contender's name: that of the engine alone for the usual policies.</summary>
    internal string Contender => this == All[0] ? LabEngine.Kernel : $"{LabEngine.Kernel}-{Name(Mmu)}-{Name(Fpu)}";

    /// <inheritdoc/>
    public override string ToString() => $"{Name(Mmu)} MMU, {Name(Fpu)} FPU";

    private static string Name<T>(T policy)
        where T : struct, Enum => policy.ToString().ToLowerInvariant();
}
