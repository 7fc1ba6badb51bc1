using LilyVM.Engines;
using LilyVM.Engines.Kernel;
using LilyVM.Engines.Kvm;
using LilyVM.Engines.User;

namespace LilyVM;

/// <summary>Chooses and makes engines.</summary>
internal static class EngineSelector
{
    /// <summary>Makes an engine with so many bytes of guest RAM; the policies are of those with the kernel hypervisor.</summary>
    internal static IEngine Create(EngineKind kind, uint ramBytes, KernelMmu mmu = default, KernelFpu fpu = default) => kind switch
    {
        EngineKind.Kernel => KernelEngine.Create(ModuleDevice.Open(), ramBytes, mmu, fpu),
        EngineKind.Kvm => KernelEngine.Create(KvmHost.Open(), ramBytes, mmu, fpu),
        EngineKind.Auto when ModuleDevice.Problem() is null => KernelEngine.Create(ModuleDevice.Open(), ramBytes, mmu, fpu),
        EngineKind.Auto or EngineKind.User => UserEngine.Create(ramBytes),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
