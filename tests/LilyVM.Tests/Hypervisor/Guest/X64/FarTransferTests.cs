extern alias X64;

using X64::LilyVM.Hypervisor;
using X64::LilyVM.Hypervisor.Guest;
using static LilyVM.Tests.Hypervisor.Guest.X64.SimulatedMachine;

namespace LilyVM.Tests.Hypervisor.Guest.X64;

/// <summary>IRETQ, far returns, far jumps and far calls with their checks (SDM vol. 2).</summary>
public sealed unsafe class FarTransferTests : MachineTest
{
    private const ulong Target = 0x4444, NotCanonical = 0x8000_0000_0000;

    [Fact]
    public void Iretq_takes_five_words_at_the_same_level_too_and_all_flags()
    {
        Frame(Target, KernelCode, 0x1_7600, StackTop + 0x123, KernelData); // RF, NT, IOPL, IF, DF
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Assert.Equal((Target, StackTop + 0x123ul, 0x202ul, 0x7000ul), (Cpu->Ip, Cpu->Sp, Cpu->Page->Flags, Cpu->VirtualFlags));
        Assert.Equal(0x7602ul, Flags.Get(Cpu));
    }

    [Theory]
    [InlineData(0ul, 2ul)]
    [InlineData(0x3000ul, 0x202ul)]
    public void Iretq_of_a_program_sets_if_up_to_iopl_and_never_iopl(ulong privilege, ulong flags)
    {
        Machine.EnterUser();
        (Cpu->VirtualFlags, Cpu->Sp) = (privilege, StackTop);
        Frame(Target, UserCode, 0x3ED7 ^ privilege, UserStack, UserData);
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Assert.Equal((flags, privilege), (Cpu->Page->Flags, Cpu->VirtualFlags & Flags.IoPrivilege));
    }

    [Fact]
    public void Iretq_to_a_program_drops_inner_segments()
    {
        Machine.Describe(Free, ConformingCode);
        (Cpu->Page->Ds, Cpu->Page->Es, Cpu->Page->Fs, Cpu->Page->Gs) = (KernelData, UserData, Free, Beyond);
        Frame(Target, UserCode, 0x3202, UserStack, UserData);
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Assert.Equal((Target, UserStack, 3ul, UserCode, UserData), (Cpu->Ip, Cpu->Sp, Cpu->Cpl, Cpu->Page->Cs, Cpu->Page->Ss));
        Assert.Equal((0ul, UserData, Free, 0ul), (Cpu->Page->Ds, Cpu->Page->Es, Cpu->Page->Fs, Cpu->Page->Gs));
        Assert.Equal(0x3202ul, Flags.Get(Cpu));
    }

    [Fact]
    public void Iretq_with_nt_is_a_protection_fault_and_a_frame_that_is_not_there_a_page_fault()
    {
        Frame(Target, KernelCode, 2, StackTop, KernelData);
        Cpu->VirtualFlags = Flags.NestedTask;
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Machine.AssertRefused(13, 0);
        (Cpu->Ip, Cpu->Sp, Cpu->VirtualFlags) = (Code, 0xBFF0, 0); // its last words are on the next page
        Machine.Unmap(0xC000);
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Machine.AssertRefused(14, 0);
        Assert.Equal(0xC000ul, Cpu->Page->Cr2);
    }

    [Theory]
    [InlineData(0u, CodeSegment, Wide, 13u, 0u)]
    [InlineData(3u, CodeSegment, Wide, 13u, 0u)]
    [InlineData(Beyond, CodeSegment, Wide, 13u, Beyond)]
    [InlineData(Free, DataSegment, Wide, 13u, Free)]
    [InlineData(Free, AvailableTask, Wide, 13u, Free)]
    [InlineData(Free, 0xFBu, Wide, 13u, Free)] // DPL is not RPL
    [InlineData(Free | 3, CodeSegment, Wide, 13u, Free)]
    [InlineData(Free, 0xFFu, Wide, 13u, Free)] // conforming, from an outer level
    [InlineData(Free, 0x1Bu, Wide, 11u, Free)]
    [InlineData(Free, CodeSegment, Narrow, 13u, Free)] // 32-bit code
    [InlineData(Free, CodeSegment, Both, 13u, Free)]
    public void Returns_check_the_code_segment(uint selector, uint access, uint flags, uint fault, uint error)
    {
        Machine.Describe(Free, access, flags);
        Frame(Target, selector, 2, UserStack, (selector & 3) == 0 ? KernelData : UserData);
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Machine.AssertRefused(fault, error);
        (Cpu->Ip, Cpu->Sp) = (Code, StackTop);
        Frame(Target, selector, UserStack, (selector & 3) == 0 ? KernelData : UserData);
        Assert.Equal(Outcome.Resume, FarTransfers.Lret(Cpu, 8));
        Machine.AssertRefused(fault, error);
    }

    [Theory]
    [InlineData(UserCode, 0u, 0xF3u, 13u, 0u)] // a program needs a stack segment
    [InlineData(UserCode, 3u, 0xF3u, 13u, 0u)]
    [InlineData(UserCode, Beyond | 3, 0xF3u, 13u, Beyond)]
    [InlineData(UserCode, Free, 0xF3u, 13u, Free)] // RPL
    [InlineData(UserCode, Free | 3, 0x93u, 13u, Free)] // DPL
    [InlineData(UserCode, Free | 3, 0xF1u, 13u, Free)] // read-only
    [InlineData(UserCode, Free | 3, 0xFBu, 13u, Free)] // code
    [InlineData(UserCode, Free | 3, 0x73u, 12u, Free)]
    [InlineData(KernelCode, 3u, 0xF3u, 13u, 0u)] // null, but of another level
    public void Returns_check_the_stack_segment(uint code, uint selector, uint access, uint fault, uint error)
    {
        Machine.Describe(Free, access);
        Frame(Target, code, 2, UserStack, selector);
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Machine.AssertRefused(fault, error);
        Assert.Equal((0ul, KernelCode, KernelData), (Cpu->Cpl, Cpu->Page->Cs, Cpu->Page->Ss));
    }

    [Fact]
    public void A_kernel_may_have_a_null_stack_selector()
    {
        Frame(Target, KernelCode, 2, StackTop, 0);
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Assert.Equal((Target, 0ul), (Cpu->Ip, Cpu->Page->Ss));
    }

    [Theory]
    [InlineData(KernelCode, KernelData)]
    [InlineData(UserCode, UserData)]
    public void A_return_to_an_address_that_is_none_is_the_returns_own_fault(uint code, uint stack)
    {
        Frame(NotCanonical, code, 2, UserStack, stack);
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Machine.AssertRefused(13, 0);
        Assert.Equal(KernelCode, Machine.Word(Cpu->Sp + 16));
    }

    [Fact]
    public void A_return_to_an_inner_level_is_refused()
    {
        Machine.EnterUser();
        Machine.Write(UserStack, Target, KernelCode, 2, StackTop, KernelData);
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Machine.AssertRefused(13, KernelCode);
    }

    [Fact]
    public void Lret_has_words_of_either_width_and_takes_the_stack_of_an_outer_level()
    {
        Frame(Target, KernelCode);
        Assert.Equal(Outcome.Resume, FarTransfers.Lret(Cpu, 8));
        Assert.Equal((Target, StackTop + 16ul), (Cpu->Ip, Cpu->Sp));
        Cpu->Sp = StackTop;
        Frame(Target | (ulong)KernelCode << 32);
        Assert.Equal(Outcome.Resume, FarTransfers.Lret(Cpu, 4));
        Assert.Equal((Target, StackTop + 8ul), (Cpu->Ip, Cpu->Sp));
        Cpu->Sp = StackTop;
        Frame(Target, UserCode, UserStack, UserData);
        Assert.Equal(Outcome.Resume, FarTransfers.Lret(Cpu, 8));
        Assert.Equal((UserStack, 3ul, UserData), (Cpu->Sp, Cpu->Cpl, Cpu->Page->Ss));
    }

    [Theory]
    [InlineData(Free, 0x9Au, 0ul)]
    [InlineData(Free | 3, 0x9Eu, 3ul)] // conforming: RPL does not matter
    public void Jumps_and_calls_keep_the_level_and_mark_the_segment(uint selector, uint access, ulong level)
    {
        Machine.EnterUser();
        (Cpu->Cpl, Cpu->Sp) = (level, StackTop);
        Machine.Describe(Free, access);
        Assert.Equal(Outcome.Resume, FarTransfers.FarJump(Cpu, selector, Target, Code + 7));
        Assert.Equal((Target, Free | level, StackTop), (Cpu->Ip, Cpu->Page->Cs, Cpu->Sp));
        Assert.Equal(access | 1, Machine.Word(Gdt + Free) >> 40 & 0xFF);
        Assert.Equal(Outcome.Resume, FarTransfers.FarCall(Cpu, selector, 0x5555, Code + 7));
        Assert.Equal((0x5555ul, StackTop - 8ul, (Free | level) << 32 | (Code + 7)), (Cpu->Ip, Cpu->Sp, Machine.Word(StackTop - 8)));
    }

    [Theory]
    [InlineData(0u, CodeSegment, Wide, 13u, 0u)]
    [InlineData(Beyond, CodeSegment, Wide, 13u, Beyond)]
    [InlineData(Free, DataSegment, Wide, 13u, Free)]
    [InlineData(Free, LdtSegment, Wide, 13u, Free)]
    [InlineData(Free, 0xFBu, Wide, 13u, Free)] // an outer level
    [InlineData(Free, 0xFFu, Wide, 13u, Free)]
    [InlineData(Free | 1, CodeSegment, Wide, 13u, Free)] // RPL
    [InlineData(Free, 0x1Bu, Wide, 11u, Free)]
    [InlineData(Free, CodeSegment, Narrow, 13u, Free)]
    [InlineData(Free, CodeSegment, Both, 13u, Free)]
    public void Jumps_and_calls_check_the_code_segment(uint selector, uint access, uint flags, uint fault, uint error)
    {
        Machine.Describe(Free, access, flags);
        Assert.Equal(Outcome.Resume, FarTransfers.FarJump(Cpu, selector, Target, Code + 7));
        Machine.AssertRefused(fault, error);
        (Cpu->Ip, Cpu->Sp) = (Code, StackTop);
        Assert.Equal(Outcome.Resume, FarTransfers.FarCall(Cpu, selector, Target, Code + 7));
        Machine.AssertRefused(fault, error);
    }

    private void Frame(params ulong[] words) => Machine.Write(StackTop, words);
}
