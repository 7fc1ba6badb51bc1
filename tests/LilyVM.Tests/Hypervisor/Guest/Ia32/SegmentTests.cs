using LilyVM.Hypervisor.Guest;
using static LilyVM.Tests.Hypervisor.SimulatedMachine;

namespace LilyVM.Tests.Hypervisor.Guest;

/// <summary>Loads of segment registers, LDTR and TR (SDM vol. 2, MOV, LLDT, LTR).</summary>
public sealed unsafe class SegmentTests : MachineTest
{
    [Theory]
    [InlineData(0u, Free, 0x92u)]
    [InlineData(0u, Free, 0x90u)] // read-only
    [InlineData(0u, Free | 3, 0xF2u)]
    [InlineData(0u, Free, 0x9Au)] // readable code
    [InlineData(3u, Free | 3, 0x9Eu)] // conforming code of any level
    public void Data_segments_load_and_become_accessed(uint level, uint selector, uint access)
    {
        Machine.Describe(Free, access);
        Cpu->Cpl = level;
        Assert.True(Segments.Load(Cpu, Segments.Fs, selector | 0xABCD_0000));
        Assert.Equal((selector, 1u << (int)Segments.Fs), (Cpu->Page->Fs, Cpu->SegmentsChanged));
        Assert.Equal(access | 1, Machine.Word(Gdt + Free + 4) >> 8 & 0xFF);
        Assert.True(Segments.Load(Cpu, Segments.Fs, 3)); // null, whatever its RPL
        Assert.Equal(3u, Cpu->Page->Fs);
    }

    [Theory]
    [InlineData(0u, Beyond, 0x93u, 13u, Beyond)]
    [InlineData(0u, Free | 4, 0x93u, 13u, Free | 4)]
    [InlineData(0u, Free, 0x99u, 13u, Free)] // execute-only
    [InlineData(0u, Free, 0x89u, 13u, Free)] // a TSS
    [InlineData(0u, Free | 1, 0x93u, 13u, Free)] // RPL
    [InlineData(3u, Free, 0xB3u, 13u, Free)] // CPL
    [InlineData(3u, Free | 3, 0x9Bu, 13u, Free)] // nonconforming code
    [InlineData(0u, Free, 0x13u, 11u, Free)]
    public void Data_segments_are_refused(uint level, uint selector, uint access, uint fault, uint error)
    {
        Machine.Describe(Free, access);
        Cpu->Cpl = level;
        Assert.False(Segments.Load(Cpu, Segments.Ds, selector));
        Assert.Equal((fault, error, KernelData, 0u), (Cpu->Fault.Vector, Cpu->Fault.ErrorCode, Cpu->Page->Ds, Cpu->SegmentsChanged));
    }

    [Theory]
    [InlineData(0u, 0x93u, 13u, 0u)]
    [InlineData(Free | 3, 0x93u, 13u, Free)]
    [InlineData(Free, 0xF3u, 13u, Free)]
    [InlineData(Free, 0x91u, 13u, Free)]
    [InlineData(Free, 0x9Bu, 13u, Free)]
    [InlineData(Free, 0x13u, 12u, Free)]
    public void Stack_segments_are_refused(uint selector, uint access, uint fault, uint error)
    {
        Machine.Describe(Free, access);
        Assert.False(Segments.Load(Cpu, Segments.Ss, selector));
        Assert.Equal((fault, error, KernelData), (Cpu->Fault.Vector, Cpu->Fault.ErrorCode, Cpu->Page->Ss));
    }

    [Fact]
    public void An_ldt_is_used_after_lldt_and_not_after_a_null_one()
    {
        Machine.Describe(Free, LdtSegment, 0x3000, 15);
        Machine.Write(0x3008, 0x5678_FFFF, 0x12CF_9334);
        Assert.True(Segments.LoadLdt(Cpu, Free));
        Assert.Equal((0x3000u, 15u, Free), (Cpu->LdtBase, Cpu->LdtLimit, Cpu->Page->Ldtr));
        Assert.True(Segments.Load(Cpu, Segments.Gs, 0x0C));
        Assert.Equal(0x1234_5678u, Segments.Base(Cpu, Segments.Gs));
        Assert.False(Segments.Load(Cpu, Segments.Gs, 0x14)); // beyond its limit
        Assert.Equal(0x14u, Cpu->Fault.ErrorCode);
        Assert.True(Segments.LoadLdt(Cpu, 1));
        Assert.Equal((0u, 0u, 1u), (Cpu->LdtBase, Cpu->LdtLimit, Cpu->Page->Ldtr));
        Assert.False(Segments.Load(Cpu, Segments.Gs, 0x04));
        Assert.Equal(0u, Segments.Base(Cpu, Segments.Gs));
    }

    [Fact]
    public void Ltr_makes_its_task_busy()
    {
        Assert.True(Segments.LoadTask(Cpu, TaskState));
        Assert.Equal((Tss, 0x67u, TaskState, BusyTask),
            (Cpu->TssBase, Cpu->TssLimit, Cpu->Page->Tr, Machine.Word(Gdt + TaskState + 4) >> 8));
        Assert.False(Segments.LoadTask(Cpu, TaskState));
        Assert.Equal((13u, TaskState), (Cpu->Fault.Vector, Cpu->Fault.ErrorCode));
        Assert.False(Segments.LoadTask(Cpu, 0));
        Assert.Equal((13u, 0u), (Cpu->Fault.Vector, Cpu->Fault.ErrorCode));
    }

    [Theory]
    [InlineData(Free | 4, 0u, 13u, Free | 4)]
    [InlineData(Beyond, 0u, 13u, Beyond)]
    [InlineData(Free, 0x10u, 13u, Free)] // not a system descriptor
    [InlineData(Free, 0x01u, 13u, Free)] // another type
    [InlineData(Free, 0x80u, 11u, Free)] // not present
    public void Lldt_and_ltr_refuse_what_is_not_theirs(uint selector, uint difference, uint fault, uint error)
    {
        Machine.Describe(Free, LdtSegment ^ difference);
        Assert.False(Segments.LoadLdt(Cpu, selector));
        Assert.Equal((fault, error, 0u), (Cpu->Fault.Vector, Cpu->Fault.ErrorCode, Cpu->Page->Ldtr));
        Machine.Describe(Free, AvailableTask ^ difference);
        Assert.False(Segments.LoadTask(Cpu, selector));
        Assert.Equal((fault, error, 0u), (Cpu->Fault.Vector, Cpu->Fault.ErrorCode, Cpu->Page->Tr));
    }
}
