using Iced.Intel;
using LilyVM.Abi;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Emulation;
using LilyVM.Hypervisor.Guest;

namespace LilyVM.Tests.Hypervisor;

/// <summary>A vCPU at CPL 0, unpaged, on simulated memory with a flat GDT and an IDT whose gates lead to <see cref="Handler"/>.</summary>
internal sealed unsafe partial class SimulatedMachine : IDisposable
{
    public const uint Gdt = 0x1000, Idt = 0x2000, Code = 0x4000, Data = 0x6000, StackTop = 0x7000, RamSize = 0x10_0000;
    public const uint KernelCode = 0x08, KernelData = 0x10, UserCode = 0x1B, UserData = 0x23, ReadOnlyData = 0x28, ExecuteOnly = 0x30,
        TaskState = 0x40;

    /// <summary>A guest address outside RAM.</summary>
    public const uint NoRam = 0xFEB0_0000;

    private readonly SimulatedMemory memory = new(RamSize, sizeof(Vcpu));

    public SimulatedMachine()
    {
        Cpu->Page = (VcpuPage*)memory.Page;
        Cpu->Ram = memory.Ram;
        Cpu->RamEnd = RamSize;
        Cpu->Cr0 = Cpu->Page->Cr0 = 0x11;
        Cpu->Sp = StackTop;
        Cpu->Ip = Code;
        Cpu->Flags = 2;
        Cpu->Page->GdtBase = Gdt;
        Cpu->Page->GdtLimit = 0x47;
        Cpu->Page->IdtBase = Idt;
        Cpu->Page->IdtLimit = 0x7FF;
        Cpu->Page->Cs = KernelCode;
        Cpu->Page->Ss = Cpu->Page->Ds = Cpu->Page->Es = KernelData;
        ulong[] descriptors = [0, 0x00CF9B000000FFFF, 0x00CF93000000FFFF, 0x00CFFB000000FFFF, 0x00CFF3000000FFFF, 0x00CF91000000FFFF,
            0x00CF99000000FFFF,
            0x00CF13000000FFFF, 0x0000890050000067];
        for (uint i = 0; i < descriptors.Length; i++)
            *(ulong*)(memory.Ram + Gdt + 8 * i) = descriptors[i];
        for (uint vector = 0; vector < 256; vector++)
        {
            ref uint gate = ref *(uint*)(memory.Ram + Idt + 8 * vector);
            gate = KernelCode << 16 | Handler(vector);
            *(uint*)(memory.Ram + Idt + 8 * vector + 4) = 0x8E00;
        }
    }

    public Vcpu* Cpu => (Vcpu*)memory.Cpu;

    public static uint Handler(uint vector) => 0x8000 + 16 * vector;

    public uint Word(uint address) => *(uint*)(memory.Ram + address);

    public void Write(uint address, params uint[] words) =>
        new ReadOnlySpan<uint>(words).CopyTo(new Span<uint>(memory.Ram + address, words.Length));

    public void WriteBytes(uint address, ReadOnlySpan<byte> bytes) => bytes.CopyTo(new Span<byte>(memory.Ram + address, bytes.Length));

    /// <summary>Calls an entry of the VM library from <see cref="Code"/>, with operands behind the call.</summary>
    public Outcome Call(string entry, params Instruction[] operands)
    {
        Assert.True(LibraryEntries.TryGet(entry, out LibraryEntry found), entry);
        WriteBytes(Code + 5, Assemble(Code + 5, operands));
        Cpu->Sp -= 4;
        Write(Cpu->Sp, Code + 5);
        Cpu->Ip = 0xFF80_1234; // in the library
        return Hypercalls.Execute(Cpu, (uint)found.Index);
    }

    /// <summary>Executes an instruction that was not converted at <see cref="Code"/>; returns its length too.</summary>
    public Outcome Run(Instruction instruction, out uint length)
    {
        byte[] bytes = Assemble(Code, instruction);
        length = (uint)bytes.Length;
        return Run(bytes);
    }

    public Outcome Run(params byte[] bytes)
    {
        WriteBytes(Code, bytes);
        Cpu->Ip = Code;
        return PrivilegedInstructions.Execute(Cpu);
    }

    public static byte[] Assemble(uint address, params Instruction[] instructions)
    {
        var writer = new MemoryStream();
        var encoder = Encoder.Create(32, new StreamCodeWriter(writer));
        foreach (Instruction instruction in instructions)
            encoder.Encode(instruction, address + (uint)writer.Length);
        return writer.ToArray();
    }

    /// <summary>Operand NOPs: of an address, a value and a register.</summary>
    public static Instruction Nop(MemoryOperand operand) => Instruction.Create(Iced.Intel.Code.Nop_rm32, operand);

    public static Instruction Nop(uint value) => Nop(new MemoryOperand(Register.None, value, 4));

    public static Instruction Nop(Register register) => Nop(new MemoryOperand(register));

    /// <summary>The guest is at the handler of a fault at <see cref="Code"/>, its stack as before but for the frame.</summary>
    public void AssertFault(uint vector, uint? errorCode, uint esp = StackTop)
    {
        Assert.Equal(Handler(vector), Cpu->Ip);
        uint frame = esp - (errorCode.HasValue ? 16u : 12);
        Assert.Equal(frame, Cpu->Sp);
        if (errorCode is uint code)
        {
            Assert.Equal(code, Word(frame));
            frame += 4;
        }
        Assert.Equal(Code, Word(frame));
    }

    public void Dispose() => memory.Dispose();

    private sealed class StreamCodeWriter(Stream stream) : CodeWriter
    {
        public override void WriteByte(byte value) => stream.WriteByte(value);
    }
}
