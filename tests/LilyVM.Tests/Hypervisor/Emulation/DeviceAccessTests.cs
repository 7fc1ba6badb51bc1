using CsCheck;
using Iced.Intel;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Emulation;
using static LilyVM.Tests.Hypervisor.SimulatedMachine;

namespace LilyVM.Tests.Hypervisor.Emulation;

public sealed unsafe class DeviceAccessTests : MachineTest
{
    private const uint Gva = 0xF800_0010, Gpa = NoRam + 0x10;

    private static readonly MemoryOperand Device = new(Register.EBX);

    [Fact]
    public void Loads_extend_as_the_instruction_says()
    {
        foreach ((Code code, Register register,
            uint result) in ((Code, Register, uint)[])[(Iced.Intel.Code.Mov_r8_rm8, Register.AH, 0x1111_8011),
            (Iced.Intel.Code.Mov_r16_rm16, Register.AX, 0x1111_FF80), (Iced.Intel.Code.Movzx_r32_rm8, Register.EAX, 0x80),
            (Iced.Intel.Code.Movsx_r32_rm8, Register.EAX, 0xFFFF_FF80), (Iced.Intel.Code.Movsx_r16_rm8, Register.AX, 0x1111_FF80),
            (Iced.Intel.Code.Mov_r32_rm32, Register.EAX, 0x0001_FF80)])
        {
            Cpu->Ax = 0x1111_1111;
            uint length = Start(Instruction.Create(code, register, Device), false);
            Assert.Equal((AccessKind.DeviceRead, Gpa), (Cpu->Access.Kind, Cpu->Access.Address));
            Cpu->Access.Value = 0x0001_FF80;
            Assert.Equal(Outcome.Resume, Accesses.Complete(Cpu));
            Assert.Equal((result, SimulatedMachine.Code + length), (Cpu->Ax, Cpu->Ip));
        }
    }

    [Fact]
    public void Stores_carry_register_or_immediate()
    {
        Cpu->Dx = 0x1234_5678;
        Start(Instruction.Create(Iced.Intel.Code.Mov_rm8_r8, Device, Register.DH), true);
        Assert.Equal((AccessKind.DeviceWrite, 1u, 0x56u), (Cpu->Access.Kind, Cpu->Access.Width, Cpu->Access.Value));
        Assert.Equal(Outcome.Resume, Accesses.Complete(Cpu));
        Start(Instruction.Create(Iced.Intel.Code.Mov_rm32_imm32, Device, 0x55AA), true);
        Assert.Equal((4u, 0x55AAu), (Cpu->Access.Width, Cpu->Access.Value));
    }

    [Fact]
    public void A_modification_reads_then_writes()
    {
        Start(Instruction.Create(Iced.Intel.Code.Or_rm32_imm8, Device, 0x0F), true);
        Assert.Equal(AccessKind.DeviceRead, Cpu->Access.Kind);
        Cpu->Access.Value = 0x30;
        Assert.Equal(Outcome.DeviceAccess, Accesses.Complete(Cpu));
        Assert.Equal((AccessKind.DeviceWrite, 0x3Fu, SimulatedMachine.Code), (Cpu->Access.Kind, Cpu->Access.Value, Cpu->Ip));
        Assert.Equal(Outcome.Resume, Accesses.Complete(Cpu));
        Start(Instruction.Create(Iced.Intel.Code.Test_rm8_imm8, Device, 0x0F), false);
        Cpu->Access.Value = 0xF0;
        Assert.Equal(Outcome.Resume, Accesses.Complete(Cpu));
        Assert.Equal(0x44u, Cpu->Flags & 0x8D5);
    }

    [Fact]
    public void A_string_move_copies_one_element_between_device_and_memory()
    {
        (Cpu->Si, Cpu->Di, Cpu->Cx) = (Gva, Data, 2);
        Machine.WriteBytes(SimulatedMachine.Code, [0xF3, 0xA5]);
        Cpu->Ip = SimulatedMachine.Code;
        Assert.Equal(Outcome.DeviceAccess, Accesses.StartDevice(Cpu, Gva, Gpa, false));
        Cpu->Access.Value = 0xCAFE;
        Assert.Equal(Outcome.Resume, Accesses.Complete(Cpu));
        Assert.Equal((0xCAFEu, Gva + 4, Data + 4, 1u, SimulatedMachine.Code), (Machine.Word(Data), Cpu->Si, Cpu->Di, Cpu->Cx, Cpu->Ip));
        (Cpu->Si, Cpu->Di) = (Data, Gva);
        Assert.Equal(Outcome.DeviceAccess, Accesses.StartDevice(Cpu, Gva, Gpa, true));
        Assert.Equal((AccessKind.DeviceWrite, 0xCAFEu), (Cpu->Access.Kind, Cpu->Access.Value));
        Assert.Equal(Outcome.Resume, Accesses.Complete(Cpu));
        Assert.Equal((0u, SimulatedMachine.Code + 2), (Cpu->Cx, Cpu->Ip));
    }

    [Fact]
    public void The_same_instructions_run_on_memory()
    {
        Machine.Write(Data, 0x10);
        (Cpu->Bx, Cpu->Ax) = (Data, 5);
        Machine.WriteBytes(SimulatedMachine.Code,
            Assemble(SimulatedMachine.Code,
                Instruction.Create(Iced.Intel.Code.Xchg_rm32_r32, new MemoryOperand(Register.EBX), Register.EAX)));
        Cpu->Ip = SimulatedMachine.Code;
        Assert.Equal(Outcome.Resume, Accesses.RunOnRam(Cpu, Data));
        Assert.Equal((5u, 0x10u), (Machine.Word(Data), Cpu->Ax));
        Cpu->Ip = SimulatedMachine.Code;
        Assert.Equal(Outcome.NotHandled, Accesses.RunOnRam(Cpu, Data + 4)); // not what the instruction touches
    }

    [Fact]
    public void Arithmetic_sets_the_flags_that_the_manual_says()
    {
        Gen.Select(Gen.UInt, Gen.UInt, Gen.Int[0, 2].Select(n => 1u << n), Gen.Bool).Sample((left, right, width, carry) =>
        {
            uint mask = width == 4 ? 0xFFFF_FFFF : (1u << (int)(8 * width)) - 1;
            left &= mask;
            right &= mask;
            uint flags = carry ? 1u : 0;
            uint sum = Alu.Compute(AluOp.Adc, left, right, width, &flags);
            Assert.Equal(((ulong)left + right + (carry ? 1u : 0)) > mask, (flags & 1) != 0);
            Assert.Equal(Signed(left, width) + Signed(right, width) + (carry ? 1 : 0) != Signed(sum, width), (flags & 0x800) != 0);
            Assert.Equal((sum == 0, Signed(sum, width) < 0), ((flags & 0x40) != 0, (flags & 0x80) != 0));
            Assert.Equal(System.Numerics.BitOperations.PopCount(sum & 0xFF) % 2 == 0, (flags & 4) != 0);
            Assert.Equal((left & 15) + (right & 15) + (carry ? 1 : 0) > 15, (flags & 0x10) != 0);
            flags = carry ? 1u : 0;
            uint difference = Alu.Compute(AluOp.Sbb, left, right, width, &flags);
            Assert.Equal(left < (ulong)right + (carry ? 1u : 0), (flags & 1) != 0);
            Assert.Equal(Signed(left, width) - Signed(right, width) - (carry ? 1 : 0) != Signed(difference, width), (flags & 0x800) != 0);
        });
    }

    private static long Signed(uint value, uint width) => width switch { 1 => (sbyte)value, 2 => (short)value, _ => (int)value };

    private uint Start(Instruction instruction, bool write)
    {
        byte[] bytes = Assemble(SimulatedMachine.Code, instruction);
        Machine.WriteBytes(SimulatedMachine.Code, bytes);
        (Cpu->Bx, Cpu->Ip) = (Gva, SimulatedMachine.Code);
        Assert.Equal(Outcome.DeviceAccess, Accesses.StartDevice(Cpu, Gva, Gpa, write));
        return (uint)bytes.Length;
    }
}
