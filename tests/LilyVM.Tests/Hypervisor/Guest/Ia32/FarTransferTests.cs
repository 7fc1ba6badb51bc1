using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Guest;
using static LilyVM.Tests.Hypervisor.SimulatedMachine;

namespace LilyVM.Tests.Hypervisor.Guest;

/// <summary>IRET, far returns, far jumps and far calls with their checks (SDM vol. 2).</summary>
public sealed unsafe class FarTransferTests : MachineTest
{
    [Theory]
    [InlineData(0u, 0x4600u, 0x4600u, 0x200u, 0x3000u, 0x7000u)]
    public void Iret_at_level_0_restores_all_flags(uint level, uint value, uint seen, uint interruptFlag, uint privilege, uint all)
    {
        Assert.Equal(0u, level);
        Frame(0x4444, KernelCode, value | privilege);
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Assert.Equal((0x4444u, StackTop + 12, interruptFlag), (Cpu->Ip, Cpu->Sp, Cpu->Page->InterruptFlag));
        Assert.Equal((seen | privilege | 2, all), (Flags.Get(Cpu), Cpu->VirtualFlags));
    }

    [Theory]
    [InlineData(0u, 0u)]
    [InlineData(0x3000u, 0x200u)]
    public void Iret_at_level_3_sets_if_up_to_iopl_and_never_iopl(uint privilege, uint interruptFlag)
    {
        Machine.EnterUser();
        (Cpu->VirtualFlags, Cpu->Sp) = (privilege, StackTop);
        Frame(0x4444, UserCode, 0x3ED7 ^ privilege);
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Assert.Equal((interruptFlag, privilege), (Cpu->Page->InterruptFlag, Cpu->VirtualFlags & Flags.IoPrivilege));
    }

    [Fact]
    public void Iret_to_an_outer_level_takes_its_stack_and_drops_inner_segments()
    {
        Machine.Describe(Free, ConformingCode);
        (Cpu->Page->Ds, Cpu->Page->Es, Cpu->Page->Fs, Cpu->Page->Gs) = (KernelData, UserData, Free, Beyond);
        Frame(0x4444, UserCode, 0x3202, UserStack, UserData);
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Assert.Equal((0x4444u, UserStack, 3u, UserCode, UserData), (Cpu->Ip, Cpu->Sp, Cpu->Cpl, Cpu->Page->Cs, Cpu->Page->Ss));
        const uint Dropped = 1u << (int)Segments.Ds | 1u << (int)Segments.Gs;
        Assert.Equal((0u, UserData, Free, 0u, Dropped), (Cpu->Page->Ds, Cpu->Page->Es, Cpu->Page->Fs, Cpu->Page->Gs, Cpu->SegmentsChanged));
        Assert.Equal(0x3202u, Flags.Get(Cpu));
    }

    [Fact]
    public void Lret_releases_parameters_of_both_stacks()
    {
        Frame(0x4444, KernelCode);
        Assert.Equal(Outcome.Resume, FarTransfers.Lret(Cpu, 8));
        Assert.Equal((0x4444u, StackTop + 16), (Cpu->Ip, Cpu->Sp));
        Cpu->Sp = StackTop;
        Frame(0x4444, UserCode, 1, 2, UserStack, UserData);
        Assert.Equal(Outcome.Resume, FarTransfers.Lret(Cpu, 8));
        Assert.Equal((UserStack + 8, 3u, UserData), (Cpu->Sp, Cpu->Cpl, Cpu->Page->Ss));
    }

    [Fact]
    public void Iret_to_virtual_8086_mode_is_not_supported_at_level_0()
    {
        Frame(0, 0, Flags.Virtual8086);
        Assert.Equal(Outcome.Shutdown, FarTransfers.Iret(Cpu));
        Assert.Equal(ShutdownReason.Unsupported, Cpu->Shutdown);
    }

    [Theory]
    [InlineData(0u, 0x9Bu, 0xFFFFFFFFu, 13u, 0u)]
    [InlineData(3u, 0x9Bu, 0xFFFFFFFFu, 13u, 0u)]
    [InlineData(Beyond, 0x9Bu, 0xFFFFFFFFu, 13u, Beyond)]
    [InlineData(Free, 0x93u, 0xFFFFFFFFu, 13u, Free)] // data
    [InlineData(Free, 0x89u, 0xFFFFFFFFu, 13u, Free)] // a TSS
    [InlineData(Free, 0xFBu, 0xFFFFFFFFu, 13u, Free)] // DPL is not RPL
    [InlineData(Free | 3, 0x9Bu, 0xFFFFFFFFu, 13u, Free)]
    [InlineData(Free, 0xFFu, 0xFFFFFFFFu, 13u, Free)] // conforming, from an outer level
    [InlineData(Free, 0x1Bu, 0xFFFFFFFFu, 11u, Free)]
    [InlineData(Free, 0x9Bu, 0x4443u, 13u, 0u)] // beyond its end
    public void Returns_check_the_code_segment(uint selector, uint access, uint limit, uint fault, uint error)
    {
        Machine.Describe(Free, access, 0, limit);
        Frame(0x4444, selector, 2, UserStack, UserData);
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Machine.AssertFault(fault, error);
        (Cpu->Ip, Cpu->Sp) = (Code, StackTop);
        Assert.Equal(Outcome.Resume, FarTransfers.Lret(Cpu, 0));
        Machine.AssertFault(fault, error);
    }

    [Fact]
    public void A_return_to_an_inner_level_is_refused()
    {
        Machine.EnterUser();
        Machine.Write(UserStack, 0x4444, KernelCode, 2);
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Machine.AssertRefused(13, KernelCode);
    }

    [Theory]
    [InlineData(0u, 0xF3u, 13u, 0u)]
    [InlineData(Beyond | 3, 0xF3u, 13u, Beyond)]
    [InlineData(Free, 0xF3u, 13u, Free)] // RPL
    [InlineData(Free | 3, 0x93u, 13u, Free)] // DPL
    [InlineData(Free | 3, 0xF1u, 13u, Free)] // read-only
    [InlineData(Free | 3, 0xFBu, 13u, Free)] // code
    [InlineData(Free | 3, 0x73u, 12u, Free)]
    public void Returns_to_an_outer_level_check_its_stack(uint selector, uint access, uint fault, uint error)
    {
        Machine.Describe(Free, access);
        Frame(0x4444, UserCode, 2, UserStack, selector);
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Machine.AssertFault(fault, error);
        Assert.Equal((0u, KernelCode, KernelData), (Cpu->Cpl, Cpu->Page->Cs, Cpu->Page->Ss));
    }

    [Theory]
    [InlineData(Free, 0x9Au, 0u)]
    [InlineData(Free | 3, 0x9Eu, 3u)] // conforming: RPL does not matter
    public void Jumps_and_calls_keep_the_level_and_mark_the_segment(uint selector, uint access, uint level)
    {
        Machine.EnterUser();
        (Cpu->Cpl, Cpu->Sp) = (level, StackTop);
        Machine.Describe(Free, access);
        Assert.Equal(Outcome.Resume, FarTransfers.FarJump(Cpu, selector, 0x4444, Code + 7));
        Assert.Equal((0x4444u, Free | level, StackTop), (Cpu->Ip, Cpu->Page->Cs, Cpu->Sp));
        Assert.Equal(access | 1, Machine.Word(Gdt + Free + 4) >> 8 & 0xFF);
        Assert.Equal(Outcome.Resume, FarTransfers.FarCall(Cpu, selector, 0x5555, Code + 7));
        Assert.Equal((0x5555u, Code + 7, Free | level), (Cpu->Ip, Machine.Word(StackTop - 8), Machine.Word(StackTop - 4)));
        Assert.Equal(StackTop - 8, Cpu->Sp);
    }

    [Theory]
    [InlineData(0u, 0x9Bu, 0xFFFFFFFFu, 13u, 0u)]
    [InlineData(Beyond, 0x9Bu, 0xFFFFFFFFu, 13u, Beyond)]
    [InlineData(Free, 0x93u, 0xFFFFFFFFu, 13u, Free)]
    [InlineData(Free, 0x82u, 0xFFFFFFFFu, 13u, Free)] // an LDT
    [InlineData(Free, 0xFBu, 0xFFFFFFFFu, 13u, Free)] // an outer level
    [InlineData(Free, 0xFFu, 0xFFFFFFFFu, 13u, Free)]
    [InlineData(Free | 1, 0x9Bu, 0xFFFFFFFFu, 13u, Free)] // RPL
    [InlineData(Free, 0x1Bu, 0xFFFFFFFFu, 11u, Free)]
    [InlineData(Free, 0x9Bu, 0x4443u, 13u, 0u)]
    public void Jumps_and_calls_check_the_code_segment(uint selector, uint access, uint limit, uint fault, uint error)
    {
        Machine.Describe(Free, access, 0, limit);
        Assert.Equal(Outcome.Resume, FarTransfers.FarJump(Cpu, selector, 0x4444, Code + 7));
        Machine.AssertFault(fault, error);
        (Cpu->Ip, Cpu->Sp) = (Code, StackTop);
        Assert.Equal(Outcome.Resume, FarTransfers.FarCall(Cpu, selector, 0x4444, Code + 7));
        Machine.AssertFault(fault, error);
    }

    [Theory]
    [InlineData(0x8Cu)]
    [InlineData(0x85u)]
    [InlineData(0x89u)]
    public void Call_gates_and_tasks_are_not_supported(uint access)
    {
        Machine.Describe(Free, access);
        Assert.Equal(Outcome.Shutdown, FarTransfers.FarJump(Cpu, Free, 0, Code + 7));
        Assert.Equal(ShutdownReason.Unsupported, Cpu->Shutdown);
    }

    private void Frame(params uint[] words) => Machine.Write(StackTop, words);
}
