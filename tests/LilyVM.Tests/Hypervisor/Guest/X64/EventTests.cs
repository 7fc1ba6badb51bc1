extern alias X64;

using X64::LilyVM.Hypervisor;
using X64::LilyVM.Hypervisor.Guest;
using static LilyVM.Tests.Hypervisor.Guest.X64.SimulatedMachine;

namespace LilyVM.Tests.Hypervisor.Guest.X64;

/// <summary>Delivery through the IDT in 64-bit mode (SDM vol. 3, 6.14, and vol. 2, INT n).</summary>
public sealed unsafe class EventTests : MachineTest
{
    private const ulong FarHandler = 0x1234_5678_9ABC, NotCanonical = 0x8000_0000_0000;

    [Theory]
    [InlineData(InterruptGate, 2ul)]
    [InlineData(TrapGate, 0x202ul)]
    public void A_gate_of_16_bytes_leads_anywhere_and_the_frame_has_five_words_on_an_aligned_stack(uint gate, ulong flags)
    {
        Machine.Gate(14, KernelCode, FarHandler, gate);
        (Cpu->Sp, Cpu->Flags, Cpu->Page->Flags, Cpu->VirtualFlags) = (StackTop - 4, 0x8D7 | Flags.Trap, 0x202, 0x7000);
        Cpu->Fault.Address = 0xC0DE;
        Assert.Equal(Outcome.Resume, Machine.Raise(14, 2));
        Assert.Equal((StackTop - 64, FarHandler, 0xC0DEul), (Cpu->Sp, Cpu->Ip, Cpu->Page->Cr2));
        Assert.Equal([2ul, Code, KernelCode, 0x1_7BD7, StackTop - 4, KernelData], Machine.Words(Cpu->Sp, 6)); // RF is set
        Assert.Equal((flags, 0x3000ul, 0x8D7ul), (Cpu->Page->Flags, Cpu->VirtualFlags, Cpu->Flags)); // TF and NT are clear
    }

    [Fact]
    public void An_inner_level_gets_its_stack_from_the_tss_and_a_null_stack_selector()
    {
        Machine.EnterUser();
        Assert.Equal(Outcome.Resume, Machine.Raise(13, 0x18));
        Assert.Equal((KernelStack - 48, Handler(13), 0ul), (Cpu->Sp, Cpu->Ip, Cpu->Cpl));
        Assert.Equal((KernelCode, 0ul), (Cpu->Page->Cs, Cpu->Page->Ss));
        Assert.Equal([0x18ul, Code, UserCode, 0x1_0002, UserStack, UserData], Machine.Words(Cpu->Sp, 6));
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(3ul)]
    public void A_gate_with_an_interrupt_stack_uses_it_from_every_level(ulong level)
    {
        Machine.EnterUser();
        if (level == 0)
            (Cpu->Cpl, Cpu->Page->Cs, Cpu->Page->Ss) = (0, KernelCode, KernelData);
        Machine.Gate(0x40, KernelCode, 0x9000, InterruptGate, interruptStack: 1);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 0x40));
        Assert.Equal((InterruptStack - 40, 0x9000ul, level == 0 ? KernelData : 0), (Cpu->Sp, Cpu->Ip, Cpu->Page->Ss));
        Assert.Equal((Code, UserStack), (Machine.Word(Cpu->Sp), Machine.Word(Cpu->Sp + 24)));
        Assert.Equal(0ul, Machine.Word(Cpu->Sp + 16) & Flags.Resume); // an interrupt is no fault
    }

    [Theory]
    [InlineData(1u, 0x2Bul, true)]
    [InlineData(1u, 0x2Aul, false)]
    [InlineData(7u, 0x5Bul, true)]
    [InlineData(7u, 0x5Aul, false)]
    public void A_tss_must_reach_to_the_end_of_the_interrupt_stack(uint interruptStack, ulong limit, bool enough)
    {
        for (uint number = 0; number < 7; number++)
            *(ulong*)(Cpu->Ram + Tss + 0x24 + 8 * number) = InterruptStack + 0x10 * number;
        Cpu->TssLimit = limit;
        Machine.Gate(0x40, KernelCode, 0x9000, InterruptGate, interruptStack);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 0x40));
        if (enough)
            Assert.Equal(InterruptStack + 0x10 * (interruptStack - 1) - 40, Cpu->Sp);
        else
            Machine.AssertRefused(10, TaskState | 1);
    }

    [Fact]
    public void A_conforming_handler_runs_at_the_interrupted_level_on_its_stack()
    {
        Machine.EnterUser();
        Machine.Describe(Free, ConformingCode);
        Machine.Gate(0x40, Free, 0x9000, InterruptGate);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 0x40));
        Assert.Equal((UserStack - 40, 3ul, Free | 3), (Cpu->Sp, Cpu->Cpl, Cpu->Page->Cs));
        Assert.Equal(UserData, Cpu->Page->Ss);
    }

    [Theory]
    [InlineData(OpenGate, true)]
    [InlineData(InterruptGate, false)]
    public void A_software_interrupt_needs_the_level_of_its_gate_and_hardware_does_not(uint gate, bool allowed)
    {
        Machine.EnterUser();
        Machine.Gate(0x80, KernelCode, 0x9000, gate);
        Assert.Equal(Outcome.Resume, Events.Software(Cpu, 0x80, Code + 2, Code));
        if (allowed)
            Assert.Equal((0x9000ul, Code + 2), (Cpu->Ip, Machine.Word(Cpu->Sp)));
        else
            Machine.AssertRefused(13, 0x80 * 8 + 2);
        Machine.EnterUser();
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 0x80));
        Assert.Equal((0x9000ul, Code), (Cpu->Ip, Machine.Word(Cpu->Sp)));
    }

    [Theory]
    [InlineData(0xFFu, 0x8Eu, 13u)] // beyond the table
    [InlineData(0x40u, 0x8Cu, 13u)] // a call gate
    [InlineData(0x40u, 0x85u, 13u)] // a task gate: none in 64-bit mode
    [InlineData(0x40u, 0x86u, 13u)] // a gate of 16-bit code
    [InlineData(0x40u, 0x0Eu, 11u)] // not present
    public void A_gate_is_refused_with_the_idt_bit_and_with_ext_unless_software_asked(uint vector, uint access, uint fault)
    {
        Cpu->Page->IdtLimit = 0xFFE;
        Machine.Gate(vector, KernelCode, 0x9000, access);
        Assert.Equal(Outcome.Resume, Events.Software(Cpu, vector, Code + 2, Code));
        Machine.AssertRefused(fault, vector * 8 + 2);
        (Cpu->Ip, Cpu->Sp) = (Code, StackTop);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, vector));
        Machine.AssertRefused(fault, vector * 8 + 3);
    }

    [Theory]
    [InlineData(0u, CodeSegment, Wide, 13u, 0u)] // null
    [InlineData(Beyond, CodeSegment, Wide, 13u, Beyond)]
    [InlineData(Free | 4, CodeSegment, Wide, 13u, Free | 4)] // without an LDT
    [InlineData(Free, DataSegment, Wide, 13u, Free)]
    [InlineData(Free, CodeSegment, Narrow, 13u, Free)] // 32-bit code
    [InlineData(Free, CodeSegment, Both, 13u, Free)]
    [InlineData(Free, 0xFBu, Wide, 13u, Free)] // an outer level
    [InlineData(Free | 3, 0x1Bu, Wide, 11u, Free)] // not present
    public void The_selector_of_a_gate_is_checked(uint selector, uint access, uint flags, uint fault, uint error)
    {
        Machine.Describe(Free, access, flags);
        Machine.Gate(0x40, selector, 0x9000, InterruptGate);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 0x40));
        Machine.AssertRefused(fault, error | 1);
        (Cpu->Ip, Cpu->Sp) = (Code, StackTop);
        Assert.Equal(Outcome.Resume, Events.Software(Cpu, 0x40, Code + 2, Code));
        Machine.AssertRefused(fault, error);
    }

    [Fact]
    public void A_handler_at_an_address_that_is_none_is_refused()
    {
        Machine.Gate(0x40, KernelCode, NotCanonical, InterruptGate);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 0x40));
        Machine.AssertRefused(13, 1);
    }

    [Fact]
    public void The_accessed_bit_of_the_handlers_segment_is_set()
    {
        Machine.Describe(Free, 0x9A);
        Machine.Gate(0x40, Free, 0x9000, InterruptGate);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 0x40));
        Assert.Equal((0x9000ul, 0x9Bul), (Cpu->Ip, Machine.Word(Gdt + Free) >> 40 & 0xFF));
    }

    [Fact]
    public void A_stack_at_an_address_that_is_none_is_a_stack_fault_for_which_another_stack_may_be_there()
    {
        Machine.EnterUser();
        Machine.WriteTask(NotCanonical, InterruptStack);
        Machine.Gate(12, KernelCode, Handler(12), InterruptGate, interruptStack: 1);
        Assert.Equal(Outcome.Resume, Machine.Raise(6));
        Machine.AssertRefused(12, 1);
        Assert.Equal(InterruptStack - 48, Cpu->Sp);
    }
}
