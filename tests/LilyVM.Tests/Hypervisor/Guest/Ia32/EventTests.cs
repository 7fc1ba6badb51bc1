using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Guest;
using static LilyVM.Tests.Hypervisor.SimulatedMachine;

namespace LilyVM.Tests.Hypervisor.Guest;

/// <summary>Delivery through the IDT (SDM vol. 3, 6.12 and 6.13, and vol. 2, INT n).</summary>
public sealed unsafe class EventTests : MachineTest
{
    private const uint Level3Gate = 0xEE, Level0Gate = 0x8E, TrapGate = 0x8F;

    [Theory]
    [InlineData(Level0Gate, 0u)]
    [InlineData(TrapGate, 0x200u)]
    public void The_same_level_gets_a_short_frame_and_only_an_interrupt_gate_clears_if(uint gate, uint interruptFlag)
    {
        Machine.Gate(14, KernelCode, 0x12_3450, gate);
        (Cpu->Flags, Cpu->Page->InterruptFlag, Cpu->VirtualFlags, Cpu->Fault.Address) = (0x8D7 | Flags.Trap, 0x200, 0x7000, 0xC0DE);
        Assert.Equal(Outcome.Resume, Machine.Raise(14, 2));
        Assert.Equal((StackTop - 16, 0x12_3450u, 0xC0DEu), (Cpu->Sp, Cpu->Ip, Cpu->Page->Cr2));
        Assert.Equal((2u, Code, KernelCode, 0x7BD7u),
            (Machine.Word(Cpu->Sp), Machine.Word(Cpu->Sp + 4), Machine.Word(Cpu->Sp + 8), Machine.Word(Cpu->Sp + 12)));
        Assert.Equal((interruptFlag, 0x3000u, 0x8D7u), (Cpu->Page->InterruptFlag, Cpu->VirtualFlags, Cpu->Flags)); // TF and NT are clear
    }

    [Fact]
    public void An_inner_level_gets_its_stack_from_the_tss()
    {
        Machine.EnterUser();
        Assert.Equal(Outcome.Resume, Machine.Raise(13, 0x18));
        Assert.Equal((KernelStack - 24, Handler(13), 0u, KernelCode, KernelData),
            (Cpu->Sp, Cpu->Ip, Cpu->Cpl, Cpu->Page->Cs, Cpu->Page->Ss));
        uint[] frame = [0x18, Code, UserCode, 2, UserStack, UserData];
        for (uint i = 0; i < frame.Length; i++)
            Assert.Equal(frame[i], Machine.Word(Cpu->Sp + 4 * i));
    }

    [Fact]
    public void A_conforming_handler_runs_at_the_interrupted_level_on_its_stack()
    {
        Machine.EnterUser();
        Machine.Describe(Free, ConformingCode);
        Machine.Gate(0x40, Free, 0x9000, Level0Gate);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 0x40));
        Assert.Equal((UserStack - 12, 3u, Free | 3), (Cpu->Sp, Cpu->Cpl, Cpu->Page->Cs));
    }

    [Theory]
    [InlineData(Level3Gate, true)]
    [InlineData(Level0Gate, false)]
    public void A_software_interrupt_needs_the_level_of_its_gate_and_hardware_does_not(uint gate, bool allowed)
    {
        Machine.EnterUser();
        Machine.Gate(0x80, KernelCode, 0x9000, gate);
        Assert.Equal(Outcome.Resume, Events.Software(Cpu, 0x80, Code + 2, Code));
        if (allowed)
            Assert.Equal((0x9000u, Code + 2), (Cpu->Ip, Machine.Word(Cpu->Sp)));
        else
            Machine.AssertRefused(13, 0x80 * 8 + 2);
        Machine.EnterUser();
        Cpu->Ip = Code;
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 0x80));
        Assert.Equal((0x9000u, Code), (Cpu->Ip, Machine.Word(Cpu->Sp)));
    }

    public static TheoryData<string, uint, uint, uint, uint> Gates => new()
    {
        { "beyond the table", 0xFF, 0, 13, 0xFF * 8 + 2 },
        { "a call gate", 0x40, 0x8C, 13, 0x40 * 8 + 2 },
        { "not present", 0x40, 0x0E, 11, 0x40 * 8 + 2 },
    };

    [Theory]
    [MemberData(nameof(Gates))]
    public void A_gate_is_refused_with_the_idt_bit_and_with_ext_unless_software_asked(string what, uint vector, uint access, uint fault,
        uint error)
    {
        Assert.NotEmpty(what);
        Cpu->Page->IdtLimit = 0x7FE;
        Machine.Gate(vector, KernelCode, 0x9000, access);
        Assert.Equal(Outcome.Resume, Events.Software(Cpu, vector, Code + 2, Code));
        Machine.AssertFault(fault, error);
        (Cpu->Ip, Cpu->Sp) = (Code, StackTop);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, vector));
        Machine.AssertFault(fault, error | 1);
    }

    [Theory]
    [InlineData(0u, 0x9Bu, 13u, 0u)] // null
    [InlineData(Beyond, 0x9Bu, 13u, Beyond)]
    [InlineData(Free | 4, 0x9Bu, 13u, Free | 4)] // without an LDT
    [InlineData(Free, 0x93u, 13u, Free)] // data
    [InlineData(Free, 0x89u, 13u, Free)] // a TSS
    [InlineData(Free, 0xFBu, 13u, Free)] // an outer level
    [InlineData(Free | 3, 0x1Bu, 11u, Free)] // not present
    public void The_selector_of_a_gate_is_checked(uint selector, uint access, uint fault, uint error)
    {
        Machine.Describe(Free, access);
        Machine.Gate(0x40, selector, 0x9000, Level0Gate);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 0x40));
        Machine.AssertFault(fault, error | 1);
        (Cpu->Ip, Cpu->Sp) = (Code, StackTop);
        Assert.Equal(Outcome.Resume, Events.Software(Cpu, 0x40, Code + 2, Code));
        Machine.AssertFault(fault, error);
    }

    [Fact]
    public void A_handler_beyond_its_segment_is_refused()
    {
        Machine.Describe(Free, CodeSegment, limit: 0x8FFF);
        Machine.Gate(0x40, Free, 0x9000, Level0Gate);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 0x40));
        Machine.AssertFault(13, 1);
    }

    [Fact]
    public void The_accessed_bit_of_the_handlers_segment_is_set()
    {
        Machine.Describe(Free, 0x9A);
        Machine.Gate(0x40, Free, 0x9000, Level0Gate);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 0x40));
        Assert.Equal((0x9000u, 0x9B00u), (Cpu->Ip, Machine.Word(Gdt + Free + 4) & 0xFF00));
    }

    [Theory]
    [InlineData(0u, 0x93u, 10u, 0u)] // null
    [InlineData(Beyond, 0x93u, 10u, Beyond)]
    [InlineData(Free | 1, 0x93u, 10u, Free)] // RPL
    [InlineData(Free, 0xB3u, 10u, Free)] // DPL
    [InlineData(Free, 0x91u, 10u, Free)] // read-only
    [InlineData(Free, 0x9Bu, 10u, Free)] // code
    [InlineData(Free, 0x13u, 12u, Free)] // not present
    public void The_stack_in_the_tss_is_checked(uint selector, uint access, uint fault, uint error)
    {
        Machine.EnterUser();
        Machine.Describe(Free, access);
        Machine.Write(Tss + 8, selector);
        Machine.Describe(Free2, ConformingCode); // where the fault can go without that stack
        Machine.Gate(fault, Free2 | 3, Handler(fault), Level0Gate);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 0x40));
        Machine.AssertRefused(fault, error | 1);
        Assert.Equal((3u, UserData), (Cpu->Cpl, Cpu->Page->Ss));
        Machine.EnterUser();
        Machine.Write(Tss + 8, selector);
        Machine.Gate(0x80, KernelCode, 0x9000, Level3Gate);
        Assert.Equal(Outcome.Resume, Events.Software(Cpu, 0x80, Code + 2, Code));
        Machine.AssertRefused(fault, error);
    }

    [Theory]
    [InlineData(8u, false)]
    [InlineData(9u, true)]
    public void A_tss_must_reach_to_the_end_of_the_stack_selector(uint limit, bool enough)
    {
        Machine.EnterUser();
        Cpu->TssLimit = limit;
        Machine.Describe(Free2, ConformingCode);
        Machine.Gate(10, Free2, Handler(10), Level0Gate);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 0x40));
        if (enough)
            Assert.Equal(Handler(0x40), Cpu->Ip);
        else
            Machine.AssertRefused(10, TaskState | 1);
    }
}
