using LilyVM.Hypervisor.Shared;

namespace LilyVM.Tests.Machine;

public sealed class VirtioSlotsTests
{
    // Timer, keyboard, cascade, serial ports, clock (IBM PC AT Technical Reference, "Hardware Interrupt Listing").
    private static readonly int[] Taken = [0, 1, 2, 3, 4, 8];

    [Fact]
    public void Ten_devices_have_an_interrupt_each_that_nothing_else_uses()
    {
        int[] irqs = [.. Enumerable.Range(0, VirtioSlots.Count).Select(VirtioSlots.Irq)];
        Assert.Equal(10, irqs.Length);
        Assert.Equal(Enumerable.Range(0, 16).Except(Taken), irqs.Order());
    }

    [Fact]
    public void Their_registers_lie_where_no_RAM_is()
    {
        for (int slot = 0; slot < VirtioSlots.Count; slot++)
            Assert.InRange(VirtioSlots.Address(slot), RamHole.Start, LilyVM.Abi.VmArea.Base - 0x1000);
    }

    [Fact]
    public void Notifications_of_all_of_them_and_two_serial_ports_can_be_posted() =>
        Assert.True(VirtioSlots.Count + 2 <= PostedWrites.RangeCapacity);

    [Fact]
    public void More_are_refused_with_a_number()
    {
        VirtioSlots.Require(10);
        Assert.Equal(
            "The machine has room for 10 virtio devices, and 12 are asked for, its source of entropy among them; leave out 2.",
            Assert.Throws<LilyVMException>(() => VirtioSlots.Require(12)).Message);
    }
}
