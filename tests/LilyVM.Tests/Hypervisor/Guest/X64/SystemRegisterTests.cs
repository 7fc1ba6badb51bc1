extern alias X64;

using X64::LilyVM.Hypervisor.Guest;

namespace LilyVM.Tests.Hypervisor.Guest.X64;

/// <summary>The model-specific registers that 64-bit mode is made of (SDM vol. 4, and vol. 2, WRMSR).</summary>
public sealed unsafe class SystemRegisterTests : MachineTest
{
    private const uint Efer = 0xC000_0080, Star = 0xC000_0081, Lstar = 0xC000_0082, Cstar = 0xC000_0083, Mask = 0xC000_0084,
        Fs = 0xC000_0100,
        Gs = 0xC000_0101, OtherGs = 0xC000_0102, Aux = 0xC000_0103;

    private const ulong Low = 0x7FFF_FFFF_FFFF, High = 0xFFFF_8000_0000_0000;

    [Theory]
    [InlineData(Star, 0x1234_5678_9ABC_DEF0ul)] // no address
    [InlineData(Lstar, Low)]
    [InlineData(Lstar, High)]
    [InlineData(Cstar, High)]
    [InlineData(Mask, 0xFFFF_FFFFul)]
    [InlineData(Fs, High)]
    [InlineData(Gs, Low)]
    [InlineData(OtherGs, High)]
    [InlineData(Aux, 0xFFFF_FFFFul)]
    public void What_is_written_is_read_in_two_halves(uint number, ulong value)
    {
        Assert.True(Write(number, value));
        (Cpu->Ax, Cpu->Dx) = (~0ul, ~0ul);
        Assert.Equal(value, Read(number));
        Assert.Equal((value & 0xFFFF_FFFF, value >> 32), (Cpu->Ax, Cpu->Dx)); // the upper halves of RAX and RDX are clear
    }

    [Theory]
    [InlineData(Lstar, Low + 1)]
    [InlineData(Cstar, High - 1)]
    [InlineData(Fs, Low + 1)]
    [InlineData(Gs, High - 1)]
    [InlineData(OtherGs, 1ul << 63)]
    [InlineData(Mask, 1ul << 32)]
    [InlineData(Aux, 1ul << 32)]
    [InlineData(Efer, 0x901ul)] // 64-bit mode cannot be left: LMA can
    [InlineData(Efer, 0x401ul | 1ul << 9)]
    [InlineData(Efer, 0xD01ul | 1ul << 14)] // FFXSR, which CPUID does not offer
    public void Addresses_that_are_none_and_reserved_bits_are_a_protection_fault(uint number, ulong value)
    {
        ulong before = Read(number);
        bool expected = number == Efer && value == 0x901; // LMA cannot be written at all
        Assert.Equal(expected, Write(number, value));
        if (!expected)
            Assert.Equal((13u, 0u), (Cpu->Fault.Vector, Cpu->Fault.ErrorCode));
        Assert.Equal(before, Read(number));
    }

    [Fact]
    public void Swapgs_exchanges_what_the_two_registers_of_gs_show()
    {
        Assert.True(Write(Gs, 0x1000) && Write(OtherGs, 0x2000));
        Segments.SwapGs(Cpu);
        Assert.Equal((0x2000ul, 0x1000ul), (Read(Gs), Read(OtherGs)));
        Assert.True(Write(Gs, 0x3000));
        Segments.SwapGs(Cpu);
        Assert.Equal((0x1000ul, 0x3000ul), (Read(Gs), Read(OtherGs)));
    }

    [Fact]
    public void Nxe_changes_what_translations_mean()
    {
        uint flushes = Cpu->Tlb.Flushes;
        Assert.True(Write(Efer, 0x501));
        Assert.Equal((0x501ul, flushes + 1), (Read(Efer), Cpu->Tlb.Flushes));
        Assert.True(Write(Efer, 0x500)); // SCE does not
        Assert.Equal(flushes + 1, Cpu->Tlb.Flushes);
    }

    [Fact]
    public void Other_registers_are_not_known_here()
    {
        bool done;
        Cpu->Cx = 0x10;
        Assert.False(SystemRegisters.TryRead(Cpu) || SystemRegisters.TryWrite(Cpu, &done));
    }

    private ulong Read(uint number)
    {
        Cpu->Cx = number | 0xABCDul << 32; // ECX counts
        Assert.True(SystemRegisters.TryRead(Cpu));
        return Cpu->Dx << 32 | Cpu->Ax;
    }

    private bool Write(uint number, ulong value)
    {
        bool done;
        (Cpu->Cx, Cpu->Ax, Cpu->Dx) = (number, value & 0xFFFF_FFFF | 0x55ul << 32, value >> 32 | 0x55ul << 32);
        Assert.True(SystemRegisters.TryWrite(Cpu, &done));
        return done;
    }
}
