using CsCheck;
using Iced.Intel;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Emulation;
using CodeReader = LilyVM.Hypervisor.Emulation.CodeReader;

namespace LilyVM.Tests.Hypervisor.Emulation;

/// <summary>Our decoders against those of Iced, for random operands.</summary>
public sealed unsafe class DecoderTests : IDisposable
{
    private static readonly Register[] Registers =
        [Register.EAX, Register.ECX, Register.EDX, Register.EBX, Register.ESP, Register.EBP, Register.ESI, Register.EDI, Register.None];

    private static readonly Gen<MemoryOperand> Operands =
        Gen.Select(Gen.Int[0, 8], Gen.Int[0, 8], Gen.Int[0, 3], Gen.OneOf(Gen.Const(0), Gen.Int[-128, 127], Gen.Int))
        .Select((basis, index, scale, displacement) =>
        {
            Register indexRegister = Registers[index] == Register.ESP ? Register.None : Registers[index];
            bool isBare = Registers[basis] == Register.None;
            int size = isBare ? 4 : displacement is 0 ? 0 : displacement is >= -128 and <= 127 ? 1 : 4;
            return new MemoryOperand(Registers[basis], indexRegister, indexRegister == Register.None ? 1 : 1 << scale, displacement, size);
        });

    // Codes with a memory operand; true if they also have an immediate.
    private static readonly (Code Code, int Immediate)[] Instructions =
    [
        (Code.Mov_rm8_r8, 0), (Code.Mov_rm16_r16, 0), (Code.Mov_rm32_r32, 0), (Code.Mov_r8_rm8, 0), (Code.Mov_r32_rm32, 0),
        (Code.Mov_rm8_imm8, 1),
        (Code.Mov_rm16_imm16, 2), (Code.Mov_rm32_imm32, 4), (Code.Movzx_r32_rm8, 0), (Code.Movzx_r16_rm8, 0), (Code.Movzx_r32_rm16, 0),
        (Code.Movsx_r32_rm8, 0),
        (Code.Movsx_r32_rm16, 0), (Code.Add_rm32_r32, 0), (Code.Xor_r16_rm16, 0), (Code.Cmp_rm8_imm8, 1), (Code.Or_rm32_imm8, 1),
        (Code.And_rm16_imm16, 2),
        (Code.Sub_rm32_imm32, 4), (Code.Test_rm8_r8, 0), (Code.Test_rm32_imm32, 4), (Code.Test_rm8_imm8, 1), (Code.Xchg_rm32_r32, 0),
        (Code.Not_rm32, -1), (Code.Neg_rm8, -1),
        (Code.Inc_rm16, -1), (Code.Dec_rm32, -1),
    ];

    private readonly SimulatedMachine machine = new();

    public void Dispose() => machine.Dispose();

    [Fact]
    public void Operand_nops_give_the_effective_address_and_length()
    {
        Gen.Select(Operands, Gen.UInt.Array[8]).Sample((operand, registers) =>
        {
            byte[] bytes = SimulatedMachine.Assemble(SimulatedMachine.Code, SimulatedMachine.Nop(operand));
            SetRegisters(registers);
            machine.WriteBytes(SimulatedMachine.Code, bytes);
            CodeReader code;
            Request request = default;
            CodeReader.Start(&code, SimulatedMachine.Code);
            Assert.True(OperandNops.Decode(machine.Cpu, &code, EntryTable.Memory, &request));
            Assert.Equal((true, SimulatedMachine.Code + (uint)bytes.Length, Address(operand, registers)),
                (request.IsMemory, code.Position, request.Address));
        }, iter: 3000, threads: 1);
    }

    [Fact]
    public void Memory_instructions_give_address_width_and_length()
    {
        Gen.Select(Gen.Int[0, Instructions.Length - 1], Operands, Gen.UInt.Array[8]).Sample((pick, operand, registers) =>
        {
            Instruction instruction = Create(Instructions[pick].Code, Instructions[pick].Immediate, operand);
            byte[] bytes = SimulatedMachine.Assemble(SimulatedMachine.Code, instruction);
            SetRegisters(registers);
            machine.WriteBytes(SimulatedMachine.Code, bytes);
            MemoryOperation operation;
            bool isKnown;
            machine.Cpu->Ip = SimulatedMachine.Code;
            Assert.True(MemoryInstructions.Decode(machine.Cpu, &operation, &isKnown));
            Assert.Equal((true, SimulatedMachine.Code + (uint)bytes.Length, Address(operand, registers)),
                (isKnown, operation.NextIp, operation.Address));
            Assert.Equal(instruction.MemorySize.GetSize(), (int)operation.Width);
        }, iter: 3000, threads: 1);
    }

    [Fact]
    public void Privileged_instructions_with_memory_operands_find_them()
    {
        Gen.Select(Operands, Gen.UInt.Array[8]).Sample((operand, registers) =>
        {
            SetRegisters(registers);
            Assert.Equal(Outcome.FlushPage, machine.Run(Instruction.Create(Code.Invlpg_m, operand), out uint length));
            Assert.Equal((Address(operand, registers), SimulatedMachine.Code + length), (machine.Cpu->FlushedAddress, machine.Cpu->Ip));
        }, iter: 3000, threads: 1);
    }

    [Fact]
    public void No_bytes_upset_the_decoders()
    {
        Gen.Select(Gen.Byte.Array[16], Gen.UInt.Array[8]).Sample((bytes, registers) =>
        {
            using var fresh = new SimulatedMachine();
            new ReadOnlySpan<uint>(registers).CopyTo(new Span<uint>(&fresh.Cpu->Ax, 8));
            fresh.Cpu->Sp = SimulatedMachine.StackTop;
            if (fresh.Run(bytes) == Outcome.NotHandled)
                Assert.Equal(SimulatedMachine.Code, fresh.Cpu->Ip);
            fresh.Cpu->Ip = SimulatedMachine.Code;
            Accesses.StartDevice(fresh.Cpu, SimulatedMachine.NoRam, SimulatedMachine.NoRam, false);
        }, iter: 2000, threads: 1);
    }

    private static Instruction Create(Code code, int immediate, MemoryOperand operand)
    {
        if (immediate == -1)
            return Instruction.Create(code, operand);
        if (immediate > 0)
            return Instruction.Create(code, operand, immediate == 1 ? 0x12 : immediate == 2 ? 0x1234 : 0x1234_5678);
        OpCodeInfo info = code.ToOpCode();
        bool memoryFirst = info.Op0Kind is OpCodeOperandKind.r8_or_mem or OpCodeOperandKind.r16_or_mem or OpCodeOperandKind.r32_or_mem;
        Register register = (memoryFirst ? info.Op1Kind : info.Op0Kind) switch
        {
            OpCodeOperandKind.r8_reg => Register.DH,
            OpCodeOperandKind.r16_reg => Register.SI,
            _ => Register.EBX,
        };
        return memoryFirst ? Instruction.Create(code, operand, register) : Instruction.Create(code, register, operand);
    }

    private static uint Address(MemoryOperand operand, uint[] registers)
    {
        uint Value(Register register) => register == Register.None ? 0 : registers[Array.IndexOf(Registers, register)];
        return Value(operand.Base) + Value(operand.Index) * (uint)operand.Scale + (uint)operand.Displacement;
    }

    private void SetRegisters(uint[] registers) => new ReadOnlySpan<uint>(registers).CopyTo(new Span<uint>(&machine.Cpu->Ax, 8));
}
