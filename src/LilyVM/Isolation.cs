extern alias X64;
using System.Runtime.Intrinsics.X86;
using LilyVM.Boot;
using LilyVM.Engines.User;
using X64::LilyVM.Hypervisor.Shared.User;

namespace LilyVM;

/// <summary>Chooses the level of isolation, and says what it means.</summary>
internal static class Isolation
{
    private const string
        NotForIa32 = "--isolation is for x86-64 guests: an IA-32 guest's programs are kept from their kernel by segments or page tables "
            + "in any case; leave it out.";

    /// <summary>
    /// What is used of a level that was asked for; <see cref="IsolationLevel.Auto"/> for an IA-32 guest, which has no choice.
    /// </summary>
    /// <exception cref="LilyVMException">The level is not to be had.</exception>
    internal static IsolationLevel Choose(IsolationLevel asked, GuestArchitecture guest)
    {
        if (guest != GuestArchitecture.X64)
            return asked == IsolationLevel.Auto ? asked : throw new LilyVMException(NotForIa32);
        return asked switch
        {
            IsolationLevel.Auto => KeysProblem() is null ? IsolationLevel.Keys : IsolationLevel.None,
            IsolationLevel.Keys when KeysProblem() is { } problem =>
                throw new LilyVMException($"--isolation keys is not to be had, for {problem}; leave it out, or give none."),
            _ => asked,
        };
    }

    /// <summary>What <see cref="IsolationLevel.Auto"/> means on this host, in a sentence.</summary>
    internal static string DescribeAuto() => KeysProblem() is { } problem
        ? $"Nothing keeps programs of x86-64 guests from their kernel's memory, for {problem} (--isolation none)."
        : "Protection keys keep programs of x86-64 guests from their kernel's memory, but for those that set out to get at it "
            + "(--isolation keys).";

    // CPUID 7.0: PKU, and OSPKE, which the host's kernel sets when it uses them; 1: OSXSAVE (SDM vol. 2, CPUID).
    private static string? KeysProblem()
    {
        const int Leaf = 7, HasKeys = 1 << 3, KernelUsesThem = 1 << 4, StateLeaf = 0xD, KernelUsesXsave = 1 << 27;
        if (X86Base.CpuId(0, 0).Eax < Leaf || (X86Base.CpuId(Leaf, 0).Ecx & HasKeys) == 0)
            return "the processor has no protection keys";
        if ((X86Base.CpuId(Leaf, 0).Ecx & KernelUsesThem) == 0)
            return "the host's kernel does not use the processor's protection keys";
        // Signals keep PKRU in their frames by it (SDM vol. 1, 13.1).
        bool usesXsave = (X86Base.CpuId(1, 0).Ecx & KernelUsesXsave) != 0;
        if (!usesXsave || (X86Base.CpuId(StateLeaf, 0).Eax & (int)ProtectionKeys.StateComponent) == 0)
            return "the host does not save protection keys' state, for want of XSAVE";
        return HostCalls.HasProtectionKeys() ? null : "the host refuses pkey_alloc";
    }
}
