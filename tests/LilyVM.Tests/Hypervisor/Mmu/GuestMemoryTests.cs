using LilyVM.Abi;
using LilyVM.Hypervisor.Guest;
using LilyVM.Hypervisor.Mmu;

namespace LilyVM.Tests.Hypervisor.Mmu;

/// <summary>
/// Accesses across pages, out of RAM and into the VM area. Pages 0x10 and 0x11 of the guest lie apart in RAM; 0x12 is not present.
/// </summary>
public sealed unsafe class GuestMemoryTests : IDisposable
{
    private const uint Border = 0x1_1000, End = 0x1_2000, FirstPage = 0x9000, SecondPage = 0x7000;

    private readonly SimulatedMachine machine = new();

    public GuestMemoryTests()
    {
        machine.Write(0x2000, 0x3007);
        machine.Write(0x3000 + 0x10 * 4, FirstPage | 7, SecondPage | 7, 0x6, SimulatedMachine.NoRam | 7);
        (Cpu->Cr0, Cpu->Cr3) = (0x8000_0001, 0x2000);
        machine.Write(FirstPage + 0xFF8, 0x0403_0201, 0x0807_0605);
        machine.Write(SecondPage, 0x0C0B_0A09, 0x100F_0E0D);
    }

    private Vcpu* Cpu => machine.Cpu;

    public void Dispose() => machine.Dispose();

    [Fact]
    public void Words_of_all_widths_are_read_across_pages()
    {
        for (uint back = 0; back < 8; back++)
        {
            uint gva = Border - back, first = 9 - back, value;
            ulong words, expected = 0;
            for (uint i = 0; i < 8; i++)
                expected |= (ulong)(first + i) << (int)(8 * i);
            Assert.True(GuestMemory.Read64(Cpu, gva, AccessFlags.Read, &words));
            Assert.Equal(expected, words);
            Assert.True(GuestMemory.Read32(Cpu, gva, AccessFlags.User, &value));
            Assert.Equal((uint)expected, value);
            Assert.True(GuestMemory.Read16(Cpu, gva, AccessFlags.Read, &value));
            Assert.Equal((uint)expected & 0xFFFF, value);
            Assert.True(GuestMemory.Read8(Cpu, gva, AccessFlags.Read, &value));
            Assert.Equal(first, value);
        }
    }

    [Fact]
    public void Words_of_all_widths_are_written_across_pages()
    {
        Assert.True(GuestMemory.Write32(Cpu, Border - 2, AccessFlags.Write, 0xDDCC_BBAA));
        Assert.Equal((0xBBAA_0605u, 0x0C0B_DDCCu), (machine.Word(FirstPage + 0xFFC), machine.Word(SecondPage)));
        Assert.True(GuestMemory.Write16(Cpu, Border - 1, AccessFlags.Write, 0xFFFF_2211));
        Assert.Equal((0x11AA_0605u, 0x0C0B_DD22u), (machine.Word(FirstPage + 0xFFC), machine.Word(SecondPage)));
        Assert.True(GuestMemory.Write8(Cpu, Border + 1, AccessFlags.Write, 0xFFFF_FF33));
        Assert.Equal(0x0C0B_3322u, machine.Word(SecondPage));
    }

    [Fact]
    public void A_write_that_faults_on_its_second_page_writes_nothing_and_names_that_page()
    {
        machine.Write(SecondPage + 0xFFC, 0x5555_5555);
        Assert.False(GuestMemory.Write32(Cpu, End - 2, AccessFlags.Write | AccessFlags.User, 0));
        Assert.Equal(0x5555_5555u, machine.Word(SecondPage + 0xFFC));
        Assert.Equal((14u, 6u), (Cpu->Fault.Vector, Cpu->Fault.ErrorCode));
        Assert.Equal(End, Cpu->Fault.Address & ~0xFFFu);
        ulong value;
        Assert.False(GuestMemory.Read64(Cpu, End - 4, AccessFlags.Read, &value));
        Assert.Equal((0u, End), (Cpu->Fault.ErrorCode, Cpu->Fault.Address));
        Assert.False(GuestMemory.Probe(Cpu, End - 4, 8, AccessFlags.Read));
        Assert.True(GuestMemory.Probe(Cpu, End - 8, 8, AccessFlags.Read));
    }

    [Fact]
    public void Addresses_without_ram_read_as_ones_and_have_no_place()
    {
        uint value;
        byte* place;
        Assert.True(GuestMemory.Write32(Cpu, 0x1_3000, AccessFlags.Write, 7));
        Assert.True(GuestMemory.Read32(Cpu, 0x1_3000, AccessFlags.Read, &value));
        Assert.Equal(0xFFFF_FFFF, value);
        Assert.True(GuestMemory.Place(Cpu, 0x1_3000, 4, AccessFlags.Read, &place));
        Assert.True(place == null);
    }

    [Fact]
    public void A_place_is_given_for_bytes_of_one_page_only()
    {
        byte* place;
        for (int i = 0; i < 2; i++) // the second time from the TLB
        {
            Assert.True(GuestMemory.Place(Cpu, Border - 8, 8, AccessFlags.Read, &place));
            Assert.True(place == Cpu->Ram + FirstPage + 0xFF8);
            Assert.True(GuestMemory.Place(Cpu, Border - 8, 9, AccessFlags.Read, &place));
            Assert.True(place == null);
        }
        Assert.False(GuestMemory.Place(Cpu, End, 4, AccessFlags.Read, &place));
    }

    [Fact]
    public void The_vm_area_faults_whatever_the_guest_maps_there()
    {
        uint value;
        machine.Write(0x2000 + (VmArea.Base >> 22) * 4, 0x3007);
        Assert.False(GuestMemory.Read32(Cpu, VmArea.Base + 0x1_0000, AccessFlags.User, &value));
        Assert.Equal((14u, 4u, VmArea.Base + 0x1_0000), (Cpu->Fault.Vector, Cpu->Fault.ErrorCode, Cpu->Fault.Address));
    }
}
