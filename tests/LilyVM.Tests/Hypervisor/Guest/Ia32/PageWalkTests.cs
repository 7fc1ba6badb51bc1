using CsCheck;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Guest;
using LilyVM.Hypervisor.Mmu;

namespace LilyVM.Tests.Hypervisor.Guest;

/// <summary>
/// The walk through random page tables in 16 pages of RAM, some of whose entries lead out of it, against <see cref="ReferenceWalk"/>.
/// </summary>
public sealed unsafe class PageWalkTests
{
    private const uint Pages = 16, Paging = 0x8000_0001;

    private static readonly uint[] Indices = [0, 1, 5, 512, 1020, 1021];

    // Present, writable and user for the most part; frames 16 to 19 and the upper ones are not RAM.
    private static readonly Gen<uint> Entry =
        Gen.Select(Gen.UInt[0, Pages + 3], Gen.UInt[0, 0xFFF], Gen.UInt[0, 0xFFF], Pick(0u, 0u, 0u, 0x40_0000u, 0x8000_0000u),
        (frame, first, second, high) => frame << 12 | first | (second & 7) | high);

    private static readonly Gen<uint> Gva =
        Gen.Select(Pick(Indices), Pick(Indices), Gen.UInt[0, 4095], (directory, table, offset) => directory << 22 | table << 12 | offset);

    [Fact]
    public void Walks_of_random_tables_agree_with_the_reference()
    {
        uint walks = 0, translated = 0;
        Gen.Select(Entry.Array[(int)Pages * Indices.Length], Gen.UInt[0, Pages], Gen.Bool, Gen.Bool, Gen.Bool,
            Gen.Select(Gva, Gen.Bool, Gen.Bool).Array[1, 20])
            .Sample((entries, root, writeProtect, large, global, accesses) =>
            {
                using var machine = new SimulatedMachine();
                uint[] ram = Prepare(machine, entries);
                machine.Cpu->Cr0 = Paging | (writeProtect ? 1u << 16 : 0);
                machine.Cpu->Cr3 = root << 12 | 0x18;
                machine.Cpu->Cr4 = (large ? 0x10u : 0) | (global ? 0x80u : 0);
                var reference = new ReferenceWalk(ram) { Cr3 = root << 12, WriteProtect = writeProtect, LargePages = large };
                foreach ((uint gva, bool write, bool user) in accesses)
                {
                    Interlocked.Increment(ref walks);
                    uint access = (write ? AccessFlags.Write : 0) | (user ? AccessFlags.User : 0);
                    Translation translation;
                    bool found = PageWalk.Walk(machine.Cpu, gva, access, &translation);
                    uint? gpa = reference.Walk(gva, write, user);
                    Assert.Equal(gpa.HasValue, found);
                    if (found)
                    {
                        Interlocked.Increment(ref translated);
                        Assert.Equal(gpa, translation.Gpa);
                        uint pde = ram[root * 1024 + (gva >> 22)], last = translation.Large
                            ? pde
                            : ram[(pde >> 12) * 1024 + (gva >> 12 & 1023)];
                        Assert.Equal(large && (pde & 0x80) != 0, translation.Large);
                        // The directory entry may be as it was before.
                        Assert.Equal((pde | 0x60, last), (translation.Pde | 0x60, translation.Pte));
                        Assert.Equal(((pde & last & 2) != 0, (pde & last & 4) != 0), (translation.Writable, translation.User));
                        Assert.Equal(((last & 0x40) != 0, global && (last & 0x100) != 0), (translation.Dirty, translation.Global));
                    }
                    else
                    {
                        Fault fault = machine.Cpu->Fault;
                        Assert.Equal((14u, reference.Error, gva), (fault.Vector, fault.ErrorCode, fault.Address));
                    }
                    AssertSame(ram, machine);
                }
            });
        Assert.InRange(translated, walks / 20, walks - 1); // both ends of a walk were met
    }

    [Fact]
    public void Without_paging_an_address_is_physical_and_everything_is_allowed()
    {
        using var machine = new SimulatedMachine();
        Translation translation;
        Assert.True(PageWalk.Walk(machine.Cpu, 0x1234_5678, AccessFlags.Write | AccessFlags.User, &translation));
        Assert.Equal((0x1234_5678u, 0u, 0u, false), (translation.Gpa, translation.Pde, translation.Pte, translation.Large));
        Assert.True(translation.Writable && translation.User && translation.Dirty && !translation.Global);
    }

    private static Gen<T> Pick<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static uint[] Prepare(SimulatedMachine machine, uint[] entries)
    {
        machine.Cpu->RamEnd = Pages << 12;
        uint[] ram = new uint[Pages * 1024];
        for (int i = 0; i < entries.Length; i++)
            ram[i / Indices.Length * 1024 + Indices[i % Indices.Length]] = entries[i];
        machine.Write(0, ram);
        return ram;
    }

    private static void AssertSame(uint[] expected, SimulatedMachine machine) =>
        Assert.True(new ReadOnlySpan<uint>(machine.Cpu->Ram, expected.Length).SequenceEqual(expected), "accessed and dirty bits");
}
