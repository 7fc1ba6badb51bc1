using System.Runtime.InteropServices;

namespace LilyVM.Tests.Hypervisor;

/// <summary>What a vCPU of either architecture needs: itself, its page and RAM, all zero. Safe: freed with the test that has it.</summary>
internal sealed unsafe class SimulatedMemory(uint ramSize, int vcpuSize) : IDisposable
{
    /// <summary>RAM, from guest physical address 0.</summary>
    public byte* Ram { get; } = Zeroed(ramSize);

    /// <summary>A vCPU.</summary>
    public void* Cpu { get; } = Zeroed((uint)vcpuSize);

    /// <summary>Its page.</summary>
    public void* Page { get; } = Zeroed(4096);

    public void Dispose()
    {
        NativeMemory.AlignedFree(Ram);
        NativeMemory.AlignedFree(Cpu);
        NativeMemory.AlignedFree(Page);
    }

    private static byte* Zeroed(uint size)
    {
        void* memory = NativeMemory.AlignedAlloc(size, 4096);
        NativeMemory.Clear(memory, size);
        return (byte*)memory;
    }
}
