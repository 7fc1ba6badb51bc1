extern alias X64;

using CsCheck;
using X64::LilyVM.Hypervisor;
using X64::LilyVM.Hypervisor.Guest;
using X64::LilyVM.Hypervisor.Mmu;

namespace LilyVM.Tests.Hypervisor.Guest.X64;

/// <summary>
/// The walk through random page tables in 16 pages of RAM, some of whose entries lead out of it, against <see cref="ReferenceWalk"/>.
/// </summary>
public sealed unsafe class PageWalkTests
{
    private const int Pages = 16, PageWords = 512;

    private const ulong Execute = 1ul << 63;

    private static readonly ulong[] Indices = [0, 1, 255, 511];

    // Frames 16 and 17 and the upper ones are not RAM. Low frames are tables, and large pages whose reserved bits are clear or not.
    private static readonly Gen<ulong> Frame = Gen.Select(
        Gen.ULong[0, Pages + 1],
        Pick([.. Enumerable.Repeat(0ul, 15), 0x20_0000ul, 0x4000_0000ul, 0xF_FFFF_C000_0000ul]),
        (low, high) => low << 12 | high);

    // Present, writable and user for the most part; one in eight a large page, one in eight not executable.
    private static readonly Gen<ulong> Entry = Gen.Select(
        Frame,
        Gen.ULong[0, 0xFFF],
        Gen.ULong[0, 7],
        Gen.ULong[0, 7],
        Gen.ULong[0, 7],
        (frame, flags, rights, large, execute) =>
            frame | (flags & ~0x81ul) | rights | (rights > 0 ? 1u : 0) | (large == 0 ? 0x80u : 0) | (execute == 0 ? Execute : 0));

    // Canonical but for one in sixteen.
    private static readonly Gen<ulong> Gva = Gen.Select(
        Gen.Select(Pick(Indices), Pick(Indices), Pick(Indices), Pick(Indices)),
        Gen.ULong[0, 4095],
        Gen.ULong[0, 15],
        (index, offset, wild) =>
            Extended(index.Item1 << 39 | index.Item2 << 30 | index.Item3 << 21 | index.Item4 << 12 | offset) ^ (wild == 0 ? 1ul << 50 : 0));

    private static readonly Gen<(ulong Gva, uint Access)> Accesses = Gen.Select(
        Gva,
        Gen.Bool,
        Pick(AccessFlags.Read, AccessFlags.Write, AccessFlags.Fetch),
        (gva, user, kind) => (gva, kind | (user ? AccessFlags.User : 0)));

    [Fact]
    public void Walks_of_random_tables_agree_with_the_reference()
    {
        uint walks = 0, translated = 0, large = 0;
        Gen.Select(Entry.Array[Pages * Indices.Length], Gen.ULong[0, Pages], Gen.Bool, Gen.Bool, Gen.Bool, Accesses.Array[1, 20])
            .Sample((entries, root, writeProtect, noExecute, global, accesses) =>
            {
                using var machine = new SimulatedMachine();
                ulong[] ram = Prepare(machine, entries);
                machine.Cpu->Cr0 = 0x8000_0001 | (writeProtect ? 1u << 16 : 0);
                machine.Cpu->Cr3 = root << 12 | 0x18;
                machine.Cpu->Cr4 = 0x20 | (global ? 0x80u : 0);
                machine.Cpu->Efer = 0x500 | (noExecute ? 0x800u : 0);
                var reference = new ReferenceWalk(ram) { Root = root << 12, WriteProtect = writeProtect, NoExecute = noExecute };
                foreach ((ulong gva, uint access) in accesses)
                {
                    Interlocked.Increment(ref walks);
                    Translation translation;
                    bool found = PageWalk.Walk(machine.Cpu, gva, access, &translation);
                    ulong? gpa = reference.Walk(gva, (access & AccessFlags.Write) != 0, (access & AccessFlags.User) != 0,
                        (access & AccessFlags.Fetch) != 0);
                    Assert.Equal(gpa.HasValue, found);
                    if (found)
                    {
                        Interlocked.Increment(ref translated);
                        Interlocked.Add(ref large, translation.Large ? 1u : 0);
                        Assert.Equal(gpa, translation.Gpa);
                        AssertTold(reference, ram, global, &translation);
                    }
                    else
                    {
                        Fault fault = machine.Cpu->Fault;
                        Assert.Equal(reference.Fault, (fault.Vector, fault.ErrorCode));
                        Assert.True(fault.Vector == 13 || fault.Address == gva);
                    }
                    Assert.True(new ReadOnlySpan<ulong>(machine.Cpu->Ram, ram.Length).SequenceEqual(ram), "accessed and dirty bits");
                }
            });
        Assert.InRange(translated, walks / 50, walks - 1); // both ends of a walk were met
        Assert.InRange(large, 1u, translated - 1);
    }

    [Theory]
    [InlineData(0x7FFF_FFFF_FFFFul, true)]
    [InlineData(0x8000_0000_0000ul, false)]
    [InlineData(0xFFFF_7FFF_FFFF_FFFFul, false)]
    [InlineData(0xFFFF_8000_0000_0000ul, true)]
    public void An_address_of_more_than_48_bits_is_a_protection_fault(ulong gva, bool isCanonical)
    {
        using var machine = new SimulatedMachine();
        Translation translation;
        Assert.False(PageWalk.Walk(machine.Cpu, gva, AccessFlags.Write, &translation));
        Assert.Equal(isCanonical ? (14u, 2u) : (13u, 0u), (machine.Cpu->Fault.Vector, machine.Cpu->Fault.ErrorCode));
    }

    private static void AssertTold(ReferenceWalk reference, ulong[] ram, bool global, Translation* translation)
    {
        (bool writable, bool user, bool executable, ulong size, ulong leaf) = reference.Found;
        Assert.Equal((writable, user, executable), (translation->Writable, translation->User, translation->Executable));
        Assert.Equal((size, ram[leaf]), (1ul << translation->Shift, translation->Entry));
        Assert.Equal(((ram[leaf] & 0x40) != 0, global && (ram[leaf] & 0x100) != 0), (translation->Dirty, translation->Global));
    }

    private static ulong Extended(ulong address) => (ulong)((long)(address << 16) >> 16);

    private static Gen<T> Pick<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static ulong[] Prepare(SimulatedMachine machine, ulong[] entries)
    {
        machine.Cpu->RamEnd = Pages << 12;
        ulong[] ram = new ulong[Pages * PageWords];
        for (int i = 0; i < entries.Length; i++)
            ram[i / Indices.Length * PageWords + (int)Indices[i % Indices.Length]] = entries[i];
        machine.Write(0, ram);
        return ram;
    }
}
