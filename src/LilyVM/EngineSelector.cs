using LilyVM.Boot;
using LilyVM.Engines;
using LilyVM.Engines.Kernel;
using LilyVM.Engines.Kvm;
using LilyVM.Engines.User;

namespace LilyVM;

/// <summary>Chooses and makes engines.</summary>
internal static class EngineSelector
{
    /// <summary>
    /// Makes an engine for such a guest with so many bytes of RAM; the policies are of those with the kernel hypervisor, which has IA-32
    /// guests only, and the isolation, one that was chosen, of x86-64 guests.
    /// </summary>
    internal static IEngine Create(EngineKind kind, GuestArchitecture guest, ulong ramBytes, MachineOptions? options = null,
        IsolationLevel isolation = IsolationLevel.None) => kind switch
    {
        EngineKind.Auto or EngineKind.User when guest == GuestArchitecture.X64 =>
            UserEngine.Create(guest, ramBytes, isolation, options?.RamSource),
        _ when guest == GuestArchitecture.X64 =>
            throw new LilyVMException($"The engine '{EngineName(kind)}' runs IA-32 guests only; leave out --engine, or give the engine " +
                "user."),
        EngineKind.Kernel => KernelEngine.Create(ModuleDevice.Open(), ramBytes, options?.Mmu ?? default, options?.Fpu ?? default),
        EngineKind.Kvm => KernelEngine.Create(KvmHost.Open(), ramBytes, options?.Mmu ?? default, options?.Fpu ?? default),
        EngineKind.Auto when ModuleDevice.Problem() is null =>
            KernelEngine.Create(ModuleDevice.Open(), ramBytes, options?.Mmu ?? default, options?.Fpu ?? default),
        EngineKind.Auto or EngineKind.User => UserEngine.Create(guest, ramBytes),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static string EngineName(EngineKind kind) => kind == EngineKind.Kernel ? "kernel" : "kvm";
}
