extern alias X64;

using X64::LilyVM.Hypervisor.Emulation;
using X64::LilyVM.Hypervisor.Guest;
using static LilyVM.Tests.Hypervisor.Guest.X64.SimulatedMachine;

namespace LilyVM.Tests.Hypervisor.Guest.X64;

/// <summary>LAR, LSL, VERR and VERW in 64-bit mode, and loads of registers that are made of selectors (SDM vol. 2).</summary>
public sealed unsafe class SelectorCheckTests : MachineTest
{
    private const ulong Zero = 1 << 6;

    [Theory]
    [InlineData(0u, Free, CodeSegment, "LAR LSL VERR")]
    [InlineData(0u, Free, 0x99u, "LAR LSL")] // execute-only
    [InlineData(0u, Free, DataSegment, "LAR LSL VERR VERW")]
    [InlineData(0u, Free, 0x91u, "LAR LSL VERR")] // read-only
    [InlineData(3u, Free | 3, DataSegment, "")] // of level 0
    [InlineData(0u, Free | 3, DataSegment, "")] // by RPL
    [InlineData(3u, Free | 3, ConformingCode, "LAR LSL VERR")]
    [InlineData(0u, Free, 0x13u, "LAR LSL VERR VERW")] // not present
    [InlineData(0u, Free, LdtSegment, "LAR LSL")]
    [InlineData(0u, Free, AvailableTask, "LAR LSL")]
    [InlineData(0u, Free, BusyTask, "LAR LSL")]
    [InlineData(0u, Free, 0x8Cu, "LAR")] // a call gate
    [InlineData(0u, Free, 0x81u, "")] // a 16-bit TSS: none in 64-bit mode
    [InlineData(0u, Free, 0x85u, "")] // a task gate: none
    [InlineData(0u, Free, 0x8Eu, "")]
    [InlineData(0u, 0u, DataSegment, "")]
    [InlineData(0u, Beyond, DataSegment, "")]
    [InlineData(0u, Free | 4, DataSegment, "")] // without an LDT
    public void Zf_tells_whether_a_selector_names_something_for_the_instruction(uint level, uint selector, uint access, string accepting)
    {
        Machine.Describe(Free, access);
        Cpu->Cpl = level;
        foreach ((string name, Op op) in new[] { ("LAR", Op.Lar), ("LSL", Op.Lsl), ("VERR", Op.Verr), ("VERW", Op.Verw) })
        {
            Cpu->Bx = 0x5555_5555_5555_5555;
            Assert.True(Execute(op, selector));
            bool accepted = accepting.Split(' ').Contains(name);
            Assert.True(accepted == ((Cpu->Flags & Zero) != 0), name);
            ulong expected = (accepted, op) switch
            {
                (true, Op.Lar) => 0x00A0_0000 | access << 8, // the limit's bits are not shown
                (true, Op.Lsl) => 0xFFFF_FFFF,
                _ => 0x5555_5555_5555_5555,
            };
            Assert.Equal(expected, Cpu->Bx); // 32 bits clear the upper half
        }
    }

    [Fact]
    public void A_table_that_is_not_there_is_a_page_fault()
    {
        Machine.Unmap(SimulatedMachine.Gdt);
        Assert.False(Execute(Op.Lar, Free));
        Assert.Equal((14u, SimulatedMachine.Gdt + Free), (Cpu->Fault.Vector, Cpu->Fault.Address));
    }

    [Fact]
    public void There_is_no_arpl()
    {
        Assert.False(Execute(Op.Arpl, Free));
        Assert.Equal(6u, Cpu->Fault.Vector);
    }

    [Fact]
    public void Ltr_and_lldt_take_a_base_of_64_bits()
    {
        Machine.Describe(Free, AvailableTask, high: 0xFFFF_8000);
        Machine.Describe(Free2, LdtSegment, high: 0x7000);
        Assert.True(Segments.LoadTask(Cpu, Free) && Segments.LoadLdt(Cpu, Free2));
        Assert.Equal((0xFFFF_8000_0000_0000ul, 0x7000_0000_0000ul), (Cpu->TssBase, Cpu->LdtBase));
        Assert.Equal(BusyTask, Machine.Word(SimulatedMachine.Gdt + Free) >> 40 & 0xFF);
        Assert.False(Segments.LoadTask(Cpu, Free)); // busy
        Assert.Equal((13u, Free), (Cpu->Fault.Vector, Cpu->Fault.ErrorCode));
    }

    [Theory]
    [InlineData(0x8000ul, 0xFFul)] // not canonical
    [InlineData(1ul << 40, 0xFFul)] // a type in the second half
    [InlineData(0ul, Free + 7ul)] // the second half lies beyond the table
    public void Ltr_and_lldt_check_the_second_half(ulong high, ulong limit)
    {
        Machine.Describe(Free, AvailableTask, high: high);
        Cpu->GdtLimit = limit;
        Assert.False(Segments.LoadTask(Cpu, Free));
        Assert.Equal((13u, Free), (Cpu->Fault.Vector, Cpu->Fault.ErrorCode));
        Machine.Describe(Free, LdtSegment, high: high);
        Assert.False(Segments.LoadLdt(Cpu, Free));
        Assert.Equal((13u, Free), (Cpu->Fault.Vector, Cpu->Fault.ErrorCode));
    }

    [Fact]
    public void Only_fs_and_gs_have_a_base_and_a_null_stack_selector_is_for_kernels()
    {
        (Cpu->FsBase, Cpu->GsBase) = (0x1111, 0x2222);
        Assert.True(Segments.Load(Cpu, Segments.Fs, SimulatedMachine.KernelData) && Segments.Load(Cpu, Segments.Gs, 0));
        Assert.Equal((0ul, 0ul), (Cpu->FsBase, Cpu->GsBase));
        Assert.True(Segments.Load(Cpu, Segments.Ss, 0));
        Assert.False(Segments.Load(Cpu, Segments.Ss, 3)); // RPL is not CPL
        Cpu->Cpl = 3;
        Assert.False(Segments.Load(Cpu, Segments.Ss, 3));
        Assert.Equal((13u, 0u), (Cpu->Fault.Vector, Cpu->Fault.ErrorCode));
    }

    private bool Execute(Op op, uint selector)
    {
        const uint Rbx = 3;
        var request = new Request { Op = op, Width = 4, Value = selector, Register = Rbx };
        return SelectorChecks.Execute(Cpu, &request);
    }
}
