using LilyVM.Hypervisor;
using static LilyVM.Tests.Hypervisor.SimulatedMachine;

namespace LilyVM.Tests.Hypervisor.Guest;

/// <summary>Faults on the way to a handler (SDM vol. 3, tables 6-4 and 6-5).</summary>
public sealed unsafe class NestedFaultTests : MachineTest
{
    private const uint Unmapped = 0xA_0000, Paging = 0x8000_0011;

    private uint[] Chain() => new Span<uint>(Cpu->Faults.Vectors, (int)Cpu->Faults.Count).ToArray();

    [Theory]
    [InlineData(6u, 11u, false)]
    [InlineData(17u, 11u, false)]
    [InlineData(3u, 14u, false)]
    [InlineData(0u, 11u, true)]
    [InlineData(10u, 13u, true)]
    [InlineData(12u, 12u, true)]
    [InlineData(13u, 0u, true)]
    [InlineData(13u, 14u, false)]
    [InlineData(13u, 6u, false)]
    [InlineData(14u, 10u, true)]
    [InlineData(14u, 14u, true)]
    [InlineData(14u, 1u, false)]
    [InlineData(0x80u, 13u, false)]
    public void Two_faults_make_a_double_fault_as_the_table_says(uint first, uint second, bool isDouble) =>
        Assert.Equal(isDouble, Vectors.MakeDoubleFault(first, second));

    [Fact]
    public void Exactly_vectors_8_10_to_14_17_and_21_have_an_error_code()
    {
        for (uint vector = 0; vector < 256; vector++)
            Assert.Equal(vector is 8 or (>= 10 and <= 14) or 17 or 21, Vectors.HasErrorCode(vector));
    }

    [Theory]
    [InlineData(6u, 11u, 6u * 8 + 3)] // benign: the second one alone
    [InlineData(13u, 8u, 0u)]
    [InlineData(14u, 8u, 0u)]
    public void A_handler_that_is_not_present_leads_to_the_fault_or_the_double_fault(uint first, uint handler, uint error)
    {
        Machine.Gate(first, KernelCode, 0x9000, 0x0E);
        Assert.Equal(Outcome.Resume, Machine.Raise(first));
        Machine.AssertFault(handler, error);
    }

    [Fact]
    public void A_page_fault_while_a_page_fault_is_delivered_is_a_double_fault_and_cr2_has_the_second_address()
    {
        Machine.EnterUser();
        Page(Machine);
        Cpu->Fault.Address = 0x123;
        Machine.Write(Tss + 4, Unmapped + 0x100);
        Machine.Describe(Free, AvailableTask, 0x5800, 0x67); // a task of its own, as systems have for this
        TaskSwitchTests.WriteTask(Machine, 0x5800, Handler(8), 0x7400, cr3: 0x2_0000);
        Machine.Gate(8, Free, 0, 0x85);
        Assert.Equal(Outcome.AddressSpace, Machine.Raise(14, 4));
        Assert.Equal((Handler(8), 0x73FCu, 0u), (Cpu->Ip, Cpu->Sp, Machine.Word(0x73FC)));
        Assert.Equal(Unmapped, Cpu->Page->Cr2 & ~0xFFFu);
    }

    [Fact]
    public void A_page_fault_while_a_protection_fault_is_delivered_is_just_a_page_fault()
    {
        Machine.EnterUser();
        Page(Machine);
        Machine.Gate(13, KernelCode, 0x9000, 0x8E);
        Machine.Describe(Free, ConformingCode);
        Machine.Gate(14, Free, Handler(14), 0x8E);
        Machine.Write(Tss + 4, Unmapped + 0x100);
        Assert.Equal(Outcome.Resume, Machine.Raise(13));
        Machine.AssertRefused(14, 2); // by the kernel, a write, not present; no EXT
        Assert.Equal(Unmapped, Cpu->Page->Cr2 & ~0xFFFu);
    }

    [Fact]
    public void A_fault_while_a_double_fault_is_delivered_ends_the_guest()
    {
        Cpu->Page->IdtLimit = 0;
        Assert.Equal(Outcome.Shutdown, Machine.Raise(6));
        Assert.Equal((ShutdownReason.TripleFault, Code, StackTop), (Cpu->Shutdown, Cpu->Ip, Cpu->Sp));
        Assert.Equal([6u, 13, 8, 13], Chain());
    }

    [Fact]
    public void The_chain_that_ended_the_guest_starts_anew_with_each_exception()
    {
        Machine.Gate(3, KernelCode, 0x9000, 0x0E); // not present
        Machine.Raise(3);
        Machine.AssertFault(11, 3u * 8 + 3);
        Assert.Equal([3u, 11], Chain());
        Machine.Raise(6);
        Assert.Equal([6u], Chain());
    }

    [Fact]
    public void The_longest_chain_has_a_page_fault_between_a_protection_fault_and_the_double_fault()
    {
        Machine.EnterUser();
        Page(Machine);
        Machine.Gate(3, KernelCode, 0x9000, 0x0E); // not present: 11
        Machine.Gate(11, KernelCode, 0x9000, 0x8E); // its stack is not mapped: 14
        Machine.Gate(14, KernelCode, Handler(14), 0x0E); // not present: 11 again, which makes 8
        Machine.Gate(8, KernelCode, Handler(8), 0x0E);
        Machine.Write(Tss + 4, Unmapped + 0x100);
        Assert.Equal(Outcome.Shutdown, Machine.Raise(3));
        Assert.Equal([3u, 11, 14, 8, 11], Chain());
    }

    // Everything below 1 MiB to itself for all levels, but for one page.
    private static void Page(SimulatedMachine machine)
    {
        machine.Write(0x2_0000, 0x2_1007);
        for (uint page = 0; page < 256; page++)
            machine.Write(0x2_1000 + page * 4, page << 12 | (page << 12 == Unmapped || page << 12 == Unmapped - 0x1000 ? 0u : 7));
        (machine.Cpu->Cr0, machine.Cpu->Cr3) = (Paging, 0x2_0000);
    }
}
