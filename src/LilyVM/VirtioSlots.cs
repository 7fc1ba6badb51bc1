using LilyVM.Boot;

namespace LilyVM;

/// <summary>Where virtio-mmio devices lie and which inputs of the interrupt controllers they use.</summary>
internal static class VirtioSlots
{
    // Not 0 (timer), 1, 2 (cascade), 3 and 4 (serial ports), 8 (clock).
    private static ReadOnlySpan<byte> Irqs => [5, 6, 7, 9, 10, 11];

    /// <summary>Number of slots.</summary>
    internal static int Count => Irqs.Length;

    /// <summary>Guest physical address of a device's first register.</summary>
    internal static uint Address(int slot) => GuestLayout.VirtioMmio + (uint)slot * GuestLayout.VirtioMmioSize;

    /// <summary>Its input of the interrupt controllers.</summary>
    internal static int Irq(int slot) => Irqs[slot];
}
