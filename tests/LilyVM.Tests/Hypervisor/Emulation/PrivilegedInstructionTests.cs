using Iced.Intel;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Emulation;
using static LilyVM.Tests.Hypervisor.SimulatedMachine;

namespace LilyVM.Tests.Hypervisor.Emulation;

/// <summary>Instructions as they are, without conversion.</summary>
public sealed unsafe class PrivilegedInstructionTests : MachineTest
{
    [Fact]
    public void Cli_and_sti_change_the_virtual_interrupt_flag_and_an_hlt_belongs_to_the_sti_before_it()
    {
        Assert.Equal(Outcome.Resume, Machine.Run(0xFB, 0x90));
        Assert.Equal((0x200u, SimulatedMachine.Code + 1), (Cpu->Page->InterruptFlag, Cpu->Ip));
        Assert.Equal(Outcome.Resume, Machine.Run(0xFA));
        Assert.Equal(0u, Cpu->Page->InterruptFlag);
        Assert.Equal(Outcome.Halt, Machine.Run(0xFB, 0xF4));
        Assert.Equal((0x200u, SimulatedMachine.Code + 2), (Cpu->Page->InterruptFlag, Cpu->Ip));
    }

    [Theory]
    [InlineData(new byte[] { 0xE4, 0x60 }, 0x60u, 1u)]
    [InlineData(new byte[] { 0x66, 0xE5, 0x60 }, 0x60u, 2u)]
    [InlineData(new byte[] { 0xED }, 0x3F8u, 4u)]
    public void Port_reads_are_completed_behind_the_instruction(byte[] bytes, uint port, uint width)
    {
        (Cpu->Dx, Cpu->Ax) = (0x3F8, 0x1111_1111);
        Assert.Equal(Outcome.PortAccess, Machine.Run(bytes));
        Assert.Equal((AccessKind.PortRead, port, width, SimulatedMachine.Code),
            (Cpu->Access.Kind, Cpu->Access.Address, Cpu->Access.Width, Cpu->Ip));
        Cpu->Access.Value = 0x2222_2222;
        Assert.Equal(Outcome.Resume, Accesses.Complete(Cpu));
        uint mask = width == 4 ? 0xFFFF_FFFF : (1u << (int)(8 * width)) - 1;
        Assert.Equal(((0x2222_2222 & mask) | (0x1111_1111 & ~mask), SimulatedMachine.Code + (uint)bytes.Length), (Cpu->Ax, Cpu->Ip));
    }

    [Fact]
    public void Control_debug_and_segment_registers_are_moved()
    {
        Cpu->Bx = 0x7777;
        Resumed(Instruction.Create(Iced.Intel.Code.Mov_cr_r32, Register.CR2, Register.EBX));
        Assert.Equal(0x7777u, Cpu->Page->Cr2);
        Resumed(Instruction.Create(Iced.Intel.Code.Mov_r32_cr, Register.ESI, Register.CR0));
        Assert.Equal(0x11u, Cpu->Si);
        Resumed(Instruction.Create(Iced.Intel.Code.Mov_dr_r32, Register.DR1, Register.EBX));
        Assert.Equal(0x7777u, Cpu->Dr[1]);
        Cpu->Cx = KernelData;
        Resumed(Instruction.Create(Iced.Intel.Code.Mov_Sreg_r32m16, Register.FS, Register.ECX));
        Assert.Equal(KernelData, Cpu->Page->Fs);
        Resumed(Instruction.Create(Iced.Intel.Code.Mov_rm16_Sreg, new MemoryOperand(Register.None, Data, 4), Register.FS));
        Assert.Equal(KernelData, Machine.Word(Data));
        Machine.Write(Data, 0x11, UserData);
        Resumed(Instruction.Create(Iced.Intel.Code.Lgs_r32_m1632, Register.EDI, new MemoryOperand(Register.None, Data, 4)));
        Assert.Equal((0x11u, UserData), (Cpu->Di, Cpu->Page->Gs));
    }

    [Fact]
    public void System_tables_and_selectors_are_read_and_written()
    {
        Cpu->Page->Tr = SimulatedMachine.TaskState;
        var memory = new MemoryOperand(Register.None, Data, 4);
        Resumed(Instruction.Create(Iced.Intel.Code.Sidt_m1632, memory));
        Assert.Equal(Idt << 16 | 0x7FF, Machine.Word(Data));
        Machine.Write(Data, 0x1234_00FF, 0xFFFF_9956);
        Resumed(Instruction.Create(Iced.Intel.Code.Lidt_m1632, memory));
        Assert.Equal((0x9956_1234u, 0xFFu), (Cpu->Page->IdtBase, Cpu->Page->IdtLimit));
        Resumed(Instruction.Create(Iced.Intel.Code.Lidt_m1632_16, memory));
        Assert.Equal(0x0056_1234u, Cpu->Page->IdtBase);
        Cpu->Bx = 0xFFFF_FFFF;
        Resumed(Instruction.Create(Iced.Intel.Code.Str_rm16, Register.BX));
        Assert.Equal(0xFFFF_0000 | SimulatedMachine.TaskState, Cpu->Bx);
        Cpu->Cx = KernelCode;
        Resumed(Instruction.Create(Iced.Intel.Code.Lar_r16_rm16, Register.BX, Register.CX));
        Assert.Equal(0xFFFF_9B00u, Cpu->Bx);
    }

    [Fact]
    public void An_address_size_prefix_makes_addresses_of_16_bits()
    {
        (Cpu->Bx, Cpu->Si) = (0xFFFF_2000, 0x0001_F010);
        Assert.Equal(Outcome.FlushPage, Machine.Run(0x67, 0x0F, 0x01, 0x78, 0x08)); // invlpg 8(%bx,%si)
        Assert.Equal((0x1018u, SimulatedMachine.Code + 5), (Cpu->FlushedAddress, Cpu->Ip));
    }

    [Fact]
    public void Int_returns_behind_itself()
    {
        Machine.Run(0xCD, 0x80);
        Assert.Equal((Handler(0x80), SimulatedMachine.Code + 2), (Cpu->Ip, Machine.Word(Cpu->Sp)));
    }

    [Theory]
    [InlineData(new byte[] { 0x90 })]
    [InlineData(new byte[] { 0x0F, 0x0B })]
    [InlineData(new byte[] { 0xFF, 0xD0 })]
    [InlineData(new byte[] { 0x8E, 0xC8 })] // mov %eax, %cs
    [InlineData(new byte[] { 0x66, 0xCF })]
    public void What_is_not_ours_changes_nothing(byte[] bytes)
    {
        Assert.Equal(Outcome.NotHandled, Machine.Run(bytes));
        Assert.Equal((SimulatedMachine.Code, StackTop), (Cpu->Ip, Cpu->Sp));
    }

    [Fact]
    public void A_guest_program_gets_nothing_emulated_and_no_privileged_entry()
    {
        const uint KernelStack = 0x6800;
        (Cpu->Cpl, Cpu->Page->Cs, Cpu->Page->Ss, Cpu->TssBase, Cpu->TssLimit) = (3, UserCode, UserData, 0x5000, 0x67);
        Machine.Write(0x5004, KernelStack, KernelData);
        Assert.Equal(Outcome.NotHandled, Machine.Run(0xFA));
        Request request = default;
        request.Op = Op.Clts;
        Cpu->Cr0 |= 8;
        Executor.Execute(Cpu, &request);
        Assert.Equal((Handler(13), KernelStack - 24, 0u, 0x19u), (Cpu->Ip, Cpu->Sp, Machine.Word(Cpu->Sp), Cpu->Cr0));
    }

    private void Resumed(Instruction instruction)
    {
        Assert.Equal(Outcome.Resume, Machine.Run(instruction, out uint length));
        Assert.Equal(SimulatedMachine.Code + length, Cpu->Ip);
    }
}
