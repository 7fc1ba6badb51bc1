using CsCheck;
using LilyVM.Hypervisor.Guest;
using LilyVM.Hypervisor.Mmu;
using LilyVM.Tests.Hypervisor.Guest;

namespace LilyVM.Tests.Hypervisor.Mmu;

/// <summary>
/// Accesses through the software TLB find what a walk without one finds, as long as the guest flushes what it changes (SDM vol. 3, 4.10.4).
/// The directory is page 1, its tables are pages 2 and 3, the rest is data.
/// </summary>
public sealed unsafe class SoftwareTlbTests
{
    private const uint Pages = 16, Directory = 1, LargeSlot = 512;

    private static readonly uint[] TableIndices = [0, 5, 65]; // 0 and 65 share an entry of the TLB

    private enum Step
    {
        Read,
        Write,
        ChangePage,
        ChangeLargePage,
        ChangeDirectory,
        ChangePageAndLoadCr3,
    }

    private static readonly Gen<(Step Step, uint Slot, uint Index, uint Flags, uint Frame, bool User)> Operation = Gen.Select(
        Pick(Step.Read, Step.Read, Step.Write, Step.Write, Step.ChangePage, Step.ChangeLargePage, Step.ChangeDirectory,
            Step.ChangePageAndLoadCr3),
        Pick(0u, 1u, LargeSlot), Pick(TableIndices), Pick(0u, 1u, 3u, 5u, 7u, 7u, 0x107u), Gen.UInt[4, Pages + 3], Gen.Bool);

    private static Gen<T> Pick<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public void Any_changes_with_their_flush_are_seen_as_without_a_tlb() =>
        Gen.Select(Operation.Array[1, 80], Gen.Bool).Sample((operations, writeProtect) =>
        {
            using var machine = new SimulatedMachine();
            uint[] ram = new uint[Pages * 1024];
            (ram[Directory * 1024], ram[Directory * 1024 + 1], ram[Directory * 1024 + LargeSlot]) = (0x2007, 0x3007, 0x87);
            for (int i = 0; i < TableIndices.Length; i++)
                (ram[0x800 + TableIndices[i]], ram[0xC00 + TableIndices[i]]) = ((uint)(4 + i) << 12 | 7, (uint)(8 + i) << 12 | 7);
            for (uint i = 0x1000; i < ram.Length; i++)
                ram[i] = i;
            machine.Cpu->RamEnd = Pages << 12;
            machine.Write(0, ram);
            (machine.Cpu->Cr0, machine.Cpu->Cr3, machine.Cpu->Cr4) = (0x8000_0001 | (writeProtect ? 1u << 16 : 0), Directory << 12, 0x90);
            var reference = new ReferenceWalk(ram) { Cr3 = Directory << 12, WriteProtect = writeProtect, LargePages = true };
            uint value = 0xABCD_0000;
            foreach ((Step step, uint slot, uint index, uint flags, uint frame, bool user) in operations)
            {
                // In the large page only data may be written, never the tables.
                uint gva = slot << 22 | (slot == LargeSlot ? index % 8 + 4 : index) << 12 | frame * 4;
                switch (step)
                {
                    case Step.ChangePage when slot != LargeSlot:
                        Change((2 + slot) * 1024 + index, frame << 12 | flags);
                        GuestMemory.FlushPage(machine.Cpu, gva);
                        break;
                    case Step.ChangeLargePage: // one INVLPG anywhere in it
                        Change(Directory * 1024 + LargeSlot, (frame % 2) << 22 | flags | 0x80);
                        GuestMemory.FlushPage(machine.Cpu, LargeSlot << 22 | index << 12);
                        break;
                    case Step.ChangeDirectory when slot != LargeSlot:
                        Change(Directory * 1024 + slot, (2 + slot) << 12 | flags);
                        GuestMemory.Flush(machine.Cpu);
                        break;
                    case Step.ChangePageAndLoadCr3 when slot != LargeSlot && (ram[(2 + slot) * 1024 + index] & PageWalk.Global) == 0:
                        Change((2 + slot) * 1024 + index, frame << 12 | flags);
                        GuestMemory.FlushButGlobal(machine.Cpu);
                        break;
                    default:
                        Access(gva, step == Step.Write, user);
                        break;
                }
                Assert.True(new ReadOnlySpan<uint>(machine.Cpu->Ram, ram.Length).SequenceEqual(ram), "RAM");
            }

            void Change(uint word, uint entry)
            {
                ram[word] = entry;
                machine.Write(word * 4, entry);
            }

            void Access(uint gva, bool write, bool user)
            {
                uint access = (write ? AccessFlags.Write : 0) | (user ? AccessFlags.User : 0), read = 0;
                value++;
                bool done = write ? GuestMemory.Write32(machine.Cpu, gva, access, value)
                    : GuestMemory.Read32(machine.Cpu, gva, access, &read);
                uint? gpa = reference.Walk(gva, write, user);
                Assert.Equal(gpa.HasValue, done);
                bool isRam = gpa < Pages << 12;
                if (!done)
                    Assert.Equal((gva, reference.Error), (machine.Cpu->Fault.Address, machine.Cpu->Fault.ErrorCode));
                else if (!write)
                    Assert.Equal(isRam ? ram[gpa!.Value / 4] : 0xFFFF_FFFF, read);
                else if (isRam)
                    ram[gpa!.Value / 4] = value;
            }
        });

    [Fact]
    public void A_load_of_cr3_leaves_what_is_global()
    {
        using var machine = new SimulatedMachine();
        uint[] ram = new uint[Pages * 1024];
        (ram[Directory * 1024], ram[0x800], ram[0x801]) = (0x2007, 0x4107, 0x5007);
        machine.Cpu->RamEnd = Pages << 12;
        machine.Write(0, ram);
        (machine.Cpu->Cr0, machine.Cpu->Cr3, machine.Cpu->Cr4) = (0x8001_0001, Directory << 12, 0x90);
        uint value;
        Assert.True(GuestMemory.Read32(machine.Cpu, 0, AccessFlags.Read, &value)
            && GuestMemory.Read32(machine.Cpu, 0x1000, AccessFlags.Read, &value));
        machine.Write(0x2000, 0u, 0u); // both pages are gone

        GuestMemory.FlushButGlobal(machine.Cpu);

        Assert.True(GuestMemory.Read32(machine.Cpu, 0, AccessFlags.Read, &value));
        Assert.False(GuestMemory.Read32(machine.Cpu, 0x1000, AccessFlags.Read, &value));
        GuestMemory.Flush(machine.Cpu);
        Assert.False(GuestMemory.Read32(machine.Cpu, 0, AccessFlags.Read, &value));
    }
}
