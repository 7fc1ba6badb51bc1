using LilyVM.Boot;

namespace LilyVM;

/// <summary>
/// Where virtio-mmio devices lie and which inputs of the interrupt controllers they use, each one of its own. This table is all that says
/// how many devices a machine can have; they take slots in the order in which they are added.
/// </summary>
internal static class VirtioSlots
{
    // Not 0 (timer), 1 (keyboard), 2 (cascade), 3 and 4 (serial ports), 8 (clock). 13 was the coprocessor's when that was a chip of its own
    // (SDM vol. 1, 8.7); processors of today report its errors by exception 16, and drivers ask for 13 like for any other.
    private static ReadOnlySpan<byte> Irqs => [5, 6, 7, 9, 10, 11, 12, 14, 15, 13];

    /// <summary>Number of slots.</summary>
    internal static int Count => Irqs.Length;

    /// <summary>Guest physical address of a device's first register.</summary>
    internal static uint Address(int slot) => GuestLayout.VirtioMmio + (uint)slot * GuestLayout.VirtioMmioSize;

    /// <summary>Its input of the interrupt controllers.</summary>
    internal static int Irq(int slot) => Irqs[slot];

    /// <summary>Refuses more devices than there are slots.</summary>
    internal static void Require(int devices)
    {
        if (devices > Count)
        {
            throw new LilyVMException(
                $"The machine has room for {Count} virtio devices, and {devices} are asked for, its source of entropy among them; leave " +
                $"out {devices - Count}.");
        }
    }
}
