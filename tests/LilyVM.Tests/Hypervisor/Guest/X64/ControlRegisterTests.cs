extern alias X64;

using X64::LilyVM.Hypervisor;
using X64::LilyVM.Hypervisor.Emulation;
using X64::LilyVM.Hypervisor.Guest;
using static LilyVM.Tests.Hypervisor.Guest.X64.SimulatedMachine;

namespace LilyVM.Tests.Hypervisor.Guest.X64;

/// <summary>Control and debug registers of a guest in 64-bit mode, which it cannot leave (SDM vol. 3, 2.5 and 4.1.2).</summary>
public sealed unsafe class ControlRegisterTests : MachineTest
{
    private const uint Next = Code + 3;

    [Theory]
    [InlineData(0u, 0x8005_0033ul, (uint)Outcome.Resume)]
    [InlineData(0u, 0x8000_0011ul, (uint)Outcome.PagingMode)] // WP
    [InlineData(3u, 0x000F_FFFF_FFFF_F018ul, (uint)Outcome.AddressSpace)]
    [InlineData(4u, 0x6A0ul, (uint)Outcome.FlushAll)] // PGE
    [InlineData(4u, 0x1_0620ul, (uint)Outcome.Resume)] // FSGSBASE, OSXMMEXCPT, OSFXSR
    [InlineData(8u, 15ul, (uint)Outcome.Resume)]
    public void What_a_register_takes_it_keeps_and_tells_the_engine(uint number, ulong value, uint outcome)
    {
        Assert.Equal((Outcome)outcome, Write(number, value));
        Assert.Equal((Next, value), (Cpu->Ip, Read(number)));
    }

    [Theory]
    [InlineData(0u, 0x8000_0010ul)] // PG without PE
    [InlineData(0u, 0xA000_0011ul)] // NW without CD
    [InlineData(0u, 0x1_8001_0011ul)]
    [InlineData(3u, 1ul << 63)] // without CR4.PCIDE
    [InlineData(3u, 0x1000ul | 1ul << 52)]
    [InlineData(4u, 0ul)] // PAE
    [InlineData(4u, 0x1020ul)] // LA57, which CPUID does not offer
    [InlineData(8u, 16ul)]
    public void Values_that_64_bit_mode_does_not_allow_are_a_protection_fault(uint number, ulong value)
    {
        ulong before = Read(number);
        Assert.Equal(Outcome.Resume, Write(number, value));
        Machine.AssertRefused(13, 0);
        Assert.Equal(before, Read(number));
    }

    [Theory]
    [InlineData(0x11ul)]
    [InlineData(0x10ul)]
    public void To_leave_paging_is_not_supported(ulong value)
    {
        Assert.Equal(Outcome.Shutdown, Write(0, value));
        Assert.Equal(ShutdownReason.Unsupported, Cpu->Shutdown);
    }

    [Fact]
    public void There_are_no_others()
    {
        Write(5, 0);
        Assert.Equal(Handler(6), Cpu->Ip);
        var request = new Request { Number = 5 };
        Assert.False(ControlRegisters.Read(Cpu, &request));
    }

    [Fact]
    public void Debug_registers_keep_addresses_of_64_bits_and_fixed_bits()
    {
        Assert.True(Debug(0, ulong.MaxValue) && Debug(6, 0) && Debug(7, 0xFFFF));
        Assert.Equal((ulong.MaxValue, 0xFFFF_0FF0ul, 0x27FFul), (Cpu->Page->Dr0, Cpu->Page->Dr6, Cpu->Page->Dr7));
        Assert.False(Debug(7, 1ul << 32));
        Assert.Equal(13u, Cpu->Fault.Vector);
        Assert.True(Debug(4, 0xE00F)); // is 6
        Assert.Equal(0xFFFF_EFFFul, Cpu->Page->Dr6);
        Cpu->Cr4 |= 1 << 3; // DE
        Assert.False(Debug(4, 0));
        Assert.Equal(6u, Cpu->Fault.Vector);
    }

    private Outcome Write(uint number, ulong value)
    {
        (Cpu->Ip, Cpu->Sp) = (Code, StackTop);
        var request = new Request { Number = number, NextIp = Next };
        return ControlRegisters.Write(Cpu, &request, number, value);
    }

    private ulong Read(uint number)
    {
        var request = new Request { Number = number };
        Assert.True(ControlRegisters.Read(Cpu, &request));
        return Cpu->Ax;
    }

    private bool Debug(uint number, ulong value)
    {
        var request = new Request { Op = Op.WriteDebug, Number = number, Value = value };
        return DebugRegisters.Execute(Cpu, &request);
    }
}
