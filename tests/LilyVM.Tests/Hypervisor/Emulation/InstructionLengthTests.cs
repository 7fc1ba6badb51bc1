using CsCheck;
using Iced.Intel;
using LilyVM.Hypervisor.Emulation;

namespace LilyVM.Tests.Hypervisor.Emulation;

/// <summary>Lengths of 64-bit instructions, against another decoder.</summary>
public sealed unsafe class InstructionLengthTests
{
    private const int Longest = 15;

    private static readonly Gen<byte[]> Bytes = Gen.Byte.Array[Longest];

    // Prefixes in the order of assemblers, then an opcode of one or two bytes: what compilers write.
    private static readonly Gen<byte[]> Likely = Gen.Select(
        Of([], [0x66], [0xF2], [0xF3], [0x67], [0x65]),
        Of([], [0x48], [0x41], [0x4C]),
        Of([], [0x0F], [0x0F, 0x38], [0x0F, 0x3A]),
        Bytes,
        (prefix, rex, escape, rest) => (byte[])[.. prefix, .. rex, .. escape, .. rest]);

    [Fact]
    public void What_has_a_length_has_that_of_the_instruction() => Likely.Sample(Agrees, iter: 200_000, threads: 1);

    [Fact]
    public void Random_bytes_have_that_of_the_instruction_or_none() => Bytes.Sample(Agrees, iter: 200_000, threads: 1);

    [Theory]
    [InlineData("48 8D 0D 00 00 00 00", 7)] // lea 0(%rip), %rcx
    [InlineData("66 2E 0F 1F 84 00 00 00 00 00", 10)] // nopw %cs:0(%rax,%rax)
    [InlineData("48 B8 01 02 03 04 05 06 07 08", 10)] // movabs
    [InlineData("F7 C1 01 00 00 00", 6)] // test $1, %ecx
    [InlineData("F7 D9", 2)] // neg %ecx
    [InlineData("C3", 1)]
    [InlineData("C5 F8 77", 3)] // vzeroupper
    [InlineData("62 F1 7C 48 28 00", 6)] // vmovaps (%rax), %zmm0
    [InlineData("48 3D 00 F0 FF FF", 6)] // cmp $-4096, %rax
    [InlineData("0F 87 00 00 00 00", 6)] // ja
    public void Instructions_of_compilers(string bytes, int length) =>
        Assert.Equal((uint)length, Length(Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal))));

    [Fact]
    public void What_is_cut_off_has_none()
    {
        byte[] code = [0x48, 0x8D, 0x0D, 0, 0, 0, 0];
        for (int length = 0; length < code.Length; length++)
            Assert.Equal(0u, Length(code[..length]));
    }

    private static Gen<byte[]> Of(params byte[][] all) => Gen.Int[0, all.Length - 1].Select(i => all[i]);

    private static bool Agrees(byte[] code)
    {
        code = code[..Math.Min(code.Length, Longest)];
        uint length = Length(code);
        if (length == 0)
            return true;
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code));
        Instruction instruction = decoder.Decode();
        return instruction.IsInvalid || instruction.Length == length;
    }

    private static uint Length(byte[] code)
    {
        fixed (byte* start = code)
            return InstructionLength.Of(start, (uint)code.Length);
    }
}
