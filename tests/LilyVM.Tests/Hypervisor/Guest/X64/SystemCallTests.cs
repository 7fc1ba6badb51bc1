extern alias X64;

using X64::LilyVM.Hypervisor;
using X64::LilyVM.Hypervisor.Guest;
using static LilyVM.Tests.Hypervisor.Guest.X64.SimulatedMachine;

namespace LilyVM.Tests.Hypervisor.Guest.X64;

/// <summary>SYSCALL and SYSRET in 64-bit mode (SDM vol. 2), whose selectors come from IA32_STAR without a look at any descriptor.</summary>
public sealed unsafe class SystemCallTests : MachineTest
{
    private const ulong Entry = 0xFFFF_8000_0000_1234, NotCanonical = 0x8000_0000_0000;

    public SystemCallTests()
    {
        Machine.EnterUser();
        (Cpu->Star, Cpu->Lstar) = ((ulong)UserCode32 << 48 | (ulong)KernelCode << 32, Entry);
    }

    [Fact]
    public void Syscall_keeps_rip_and_flags_in_registers_and_touches_no_stack()
    {
        (Cpu->Ip, Cpu->Flags, Cpu->Page->Flags, Cpu->VirtualFlags, Cpu->FlagMask) = (Code + 2, 0x8D7, 0x202, 0x3000, 0x200);
        Assert.Equal(Outcome.Resume, SystemCalls.Enter(Cpu, Code));
        Assert.Equal((Entry, Code + 2ul, 0x3AD7ul, UserStack), (Cpu->Ip, Cpu->Cx, Cpu->R11, Cpu->Sp));
        Assert.Equal((0ul, KernelCode, KernelData), (Cpu->Cpl, Cpu->Page->Cs, Cpu->Page->Ss));
        Assert.Equal(0x38D7ul, Flags.Get(Cpu));
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(0x4_7FD5ul)] // AC, NT, IOPL, DF, IF, TF and status flags
    [InlineData(~0ul)]
    public void The_mask_clears_any_flag_at_entry_and_none_in_r11(ulong mask)
    {
        const ulong All = 0x24_7FD7; // ID, AC, NT, IOPL, OF, DF, IF, TF, SF to CF
        Cpu->FlagMask = mask;
        Flags.Set(Cpu, All, level: 0);
        Assert.Equal(Outcome.Resume, SystemCalls.Enter(Cpu, Code));
        Assert.Equal((All, All & ~mask | 2), (Cpu->R11, Flags.Get(Cpu)));
        Assert.Equal((mask & 0x200) == 0, Flags.Interrupts(Cpu));
    }

    [Fact]
    public void Syscall_ignores_rpl_in_its_selector()
    {
        Cpu->Star |= 3ul << 32;
        Assert.Equal(Outcome.Resume, SystemCalls.Enter(Cpu, Code));
        Assert.Equal((KernelCode, KernelData), (Cpu->Page->Cs, Cpu->Page->Ss));
    }

    [Fact]
    public void Sysret_returns_to_rcx_with_the_flags_of_r11()
    {
        EnterKernel();
        (Cpu->Cx, Cpu->R11, Cpu->Sp) = (0x7FFF_FFFF_FFFF, 0x27_3EFF, StackTop); // RF and VM are not taken, nor what is always clear
        Assert.Equal(Outcome.Resume, SystemCalls.Return(Cpu, 8));
        Assert.Equal((0x7FFF_FFFF_FFFFul, 3ul, UserCode, UserData, StackTop), (Cpu->Ip, Cpu->Cpl, Cpu->Page->Cs, Cpu->Page->Ss, Cpu->Sp));
        Assert.Equal(0x24_3ED7ul, Flags.Get(Cpu));
    }

    [Fact]
    public void Sysret_with_tf_traps_in_the_program_as_a_step()
    {
        EnterKernel();
        (Cpu->Cx, Cpu->R11, Cpu->Sp) = (Code, Flags.Trap | 2, UserStack);
        Assert.Equal(Outcome.Resume, SystemCalls.Return(Cpu, 8));
        Assert.Equal((Handler(1), KernelStack - 40, 0ul), (Cpu->Ip, Cpu->Sp, Cpu->Cpl));
        Assert.Equal([Code, UserCode], Machine.Words(Cpu->Sp, 2));
        Assert.Equal((Flags.Trap, 1ul << 14), (Machine.Word(Cpu->Sp + 16) & Flags.Trap, Cpu->Page->Dr6 & 1ul << 14));
    }

    [Theory]
    [InlineData(0ul, NotCanonical)]
    [InlineData(3ul, 0x4000ul)]
    public void Sysret_to_an_address_that_is_none_or_of_a_program_is_a_protection_fault_in_the_kernel(ulong level, ulong target)
    {
        EnterKernel();
        (Cpu->Cpl, Cpu->Cx, Cpu->R11) = (level, target, 2);
        Assert.Equal(Outcome.Resume, SystemCalls.Return(Cpu, 8));
        Machine.AssertRefused(13, 0);
        Assert.Equal((0ul, KernelCode), (Cpu->Cpl, Cpu->Page->Cs));
    }

    [Fact]
    public void Without_efer_sce_neither_is_an_instruction()
    {
        Cpu->Efer &= ~1ul;
        Cpu->Ip = Code + 2;
        Assert.Equal(Outcome.Resume, SystemCalls.Enter(Cpu, Code));
        Assert.Equal((Handler(6), Code), (Cpu->Ip, Machine.Word(Cpu->Sp)));
        EnterKernel();
        Assert.Equal(Outcome.Resume, SystemCalls.Return(Cpu, 8));
        Assert.Equal((Handler(6), Code), (Cpu->Ip, Machine.Word(Cpu->Sp)));
    }

    [Fact]
    public void Sysret_to_32_bit_code_is_not_supported()
    {
        EnterKernel();
        Assert.Equal(Outcome.Shutdown, SystemCalls.Return(Cpu, 4));
        Assert.Equal(ShutdownReason.Unsupported, Cpu->Shutdown);
    }

    private void EnterKernel() =>
        (Cpu->Cpl, Cpu->Page->Cs, Cpu->Page->Ss, Cpu->Ip, Cpu->Sp) = (0, KernelCode, KernelData, Code, StackTop);
}
