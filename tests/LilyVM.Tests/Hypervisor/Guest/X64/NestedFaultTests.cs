extern alias X64;

using X64::LilyVM.Hypervisor;
using static LilyVM.Tests.Hypervisor.Guest.X64.SimulatedMachine;

namespace LilyVM.Tests.Hypervisor.Guest.X64;

/// <summary>Faults on the way to a handler (SDM vol. 3, tables 6-4 and 6-5), and where the CPU finds that a frame does not fit.</summary>
public sealed unsafe class NestedFaultTests : MachineTest
{
    private const uint Unmapped = 0xD000;

    private uint[] Chain => new Span<uint>(Cpu->Faults.Vectors, (int)Cpu->Faults.Count).ToArray();

    [Fact]
    public void A_page_fault_while_a_page_fault_is_delivered_is_a_double_fault_on_a_stack_of_its_own()
    {
        Machine.Unmap(Unmapped);
        (Cpu->Sp, Cpu->Fault.Address) = (Unmapped + 0x100, 0x123);
        Machine.WriteTask(KernelStack, InterruptStack);
        Machine.Gate(8, KernelCode, Handler(8), InterruptGate, interruptStack: 1);
        Assert.Equal(Outcome.Resume, Machine.Raise(14, 4));
        Assert.Equal((Handler(8), InterruptStack - 48), (Cpu->Ip, Cpu->Sp));
        Assert.Equal((0ul, Code, Unmapped + 0x100ul), (Machine.Word(Cpu->Sp), Machine.Word(Cpu->Sp + 8), Machine.Word(Cpu->Sp + 32)));
        Assert.Equal(Unmapped + 0xF8ul, Cpu->Page->Cr2); // the second address, of the first word that is pushed
        Assert.Equal([14u, 8], Chain);
    }

    [Theory]
    [InlineData(0xE030u, 0xE000u)] // all of it on a page that is there
    [InlineData(0xE028u, 0xDFF8u)] // the sixth word is not, after 5 that are
    [InlineData(0xE010u, 0xDFF8u)]
    [InlineData(0xE000u, 0xDFF8u)]
    public void A_frame_that_does_not_fit_is_a_fault_at_the_highest_word_that_cannot_be_written(uint stack, uint address)
    {
        Machine.Unmap(Unmapped);
        Machine.EnterUser();
        Machine.WriteTask(stack, InterruptStack);
        Machine.Gate(14, KernelCode, Handler(14), InterruptGate, interruptStack: 1);
        Assert.Equal(Outcome.Resume, Machine.Raise(13, 8));
        uint aligned = stack & ~15u;
        if (aligned - 48 >= 0xE000)
        {
            Assert.Equal((Handler(13), address), (Cpu->Ip, Cpu->Sp));
            return;
        }
        Machine.AssertRefused(14, 2); // by the kernel, a write, not present; no EXT
        Assert.Equal(address, Cpu->Page->Cr2);
        Assert.Equal((Code, UserStack), (Machine.Word(Cpu->Sp + 8), Machine.Word(Cpu->Sp + 32))); // nothing of the first delivery is left
    }

    [Fact]
    public void A_frame_over_two_pages_that_lie_apart_is_written_to_both()
    {
        Machine.Write(Table + 8 * (Unmapped >> 12), 0x1_F007); // not before the page behind it
        Machine.Write(0x1_FFF8, 0x55);
        Cpu->Sp = Unmapped + 0x1010;
        Assert.Equal(Outcome.Resume, Machine.Raise(13, 0x18));
        Assert.Equal((Handler(13), Unmapped + 0xFE0ul), (Cpu->Ip, Cpu->Sp));
        Assert.Equal([0x18ul, Code, KernelCode, 0x1_0002], Machine.Words(0x1_FFE0, 4));
        Assert.Equal([Unmapped + 0x1010ul, KernelData], Machine.Words(Unmapped + 0x1000, 2));
    }

    [Fact]
    public void A_handler_that_is_not_present_leads_to_another_fault_or_a_double_fault()
    {
        Machine.Gate(6, KernelCode, 0x9000, 0x0E);
        Assert.Equal(Outcome.Resume, Machine.Raise(6));
        Machine.AssertRefused(11, 6 * 8 + 3); // benign: the second one alone
        (Cpu->Ip, Cpu->Sp) = (Code, StackTop);
        Machine.Gate(13, KernelCode, 0x9000, 0x0E);
        Assert.Equal(Outcome.Resume, Machine.Raise(13));
        Machine.AssertRefused(8, 0);
    }

    [Fact]
    public void A_fault_while_a_double_fault_is_delivered_ends_the_guest()
    {
        Cpu->Page->IdtLimit = 0;
        Assert.Equal(Outcome.Shutdown, Machine.Raise(6));
        Assert.Equal((ShutdownReason.TripleFault, Code, StackTop), (Cpu->Shutdown, Cpu->Ip, Cpu->Sp));
        Assert.Equal([6u, 13, 8, 13], Chain);
    }
}
