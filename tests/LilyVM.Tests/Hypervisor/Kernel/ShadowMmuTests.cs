using CsCheck;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Engines.Kernel;
using LilyVM.Hypervisor.Mmu;
using LilyVM.Hypervisor.Shared.Kernel;

namespace LilyVM.Tests.Hypervisor.Kernel;

/// <summary>Shadow page tables (src/LilyVM.Hypervisor/Engines/Kernel/Shadow), on simulated memory.</summary>
public sealed unsafe class ShadowMmuTests
{
    // Two address spaces: page directories at pages 1 and 2, which share the kernel's page table, page 3, at 0xC0000000: a linear map of
    // RAM, as is the large page at 0xD0000000. The other tables are at pages 4 to 11.
    private const uint Kernel = 0xC000_0000, Large = 0xD000_0000, First = 0x1000, Second = 0x2000, Tables = 4, TableCount = 8;

    /// <summary>An access finds the page that the guest's tables name, and sets accessed and dirty bits.</summary>
    [Theory]
    [InlineData(MmuPolicyName.Sync)]
    [InlineData(MmuPolicyName.Lazy)]
    [InlineData(MmuPolicyName.Scan)]
    public void An_access_sets_bits(MmuPolicyName policy)
    {
        using ShadowGuest guest = Paged(policy);
        guest.Word(First) = 0x4000 | 7;
        guest.Word(0x4000 + 4) = 0x20000 | 7;
        Assert.True(guest.Access(0x1234, AccessFlags.User, out uint gpa));
        Assert.Equal(0x20234u, gpa);
        Assert.Equal(0x20027u, guest.Word(0x4004));
        Assert.True(guest.Access(0x1234, AccessFlags.User | AccessFlags.Write, out gpa));
        Assert.Equal(0x20067u, guest.Word(0x4004));
        Assert.Equal(0x4027u, guest.Word(First));
    }

    /// <summary>Under sync, what a process had mapped is there without a fault when its CR3 comes back.</summary>
    [Fact]
    public void Sync_keeps_other_address_spaces()
    {
        using ShadowGuest guest = WithPage();
        Assert.True(guest.Access(0, AccessFlags.User | AccessFlags.Write, out _));
        guest.LoadCr3(Second);
        Assert.Equal(0ul, guest.Lookup(0));
        guest.LoadCr3(First);
        Assert.NotEqual(0ul, guest.Lookup(0) & ShadowMmu.Writable);
    }

    /// <summary>A page table that the guest writes is let go at the first write, and compared at the flush.</summary>
    [Fact]
    public void A_write_to_a_table_is_seen_at_a_flush()
    {
        using ShadowGuest guest = WithPage();
        Assert.True(guest.Access(0, AccessFlags.User, out _));
        Assert.Equal(0ul, guest.Lookup(Kernel + 0x4000) & ShadowMmu.Writable);
        Assert.True(guest.Store(Kernel + 0x4000, 0));
        Assert.Equal(1ul, guest.Mmu->Counters[(int)KernelCounter.Unsyncs]);
        Assert.True(guest.Store(Kernel + 0x4004, 0x21000 | 7));
        Assert.Equal(1ul, guest.Mmu->Counters[(int)KernelCounter.Unsyncs]);
        guest.LoadCr3(First);
        Assert.Equal(0ul, guest.Lookup(0));
        Assert.False(guest.Access(0, AccessFlags.User, out _));
        Assert.True(guest.Access(0x1000, AccessFlags.User, out uint gpa));
        Assert.Equal(0x21000u, gpa);
        Assert.Equal(0ul, guest.Lookup(Kernel + 0x4000) & ShadowMmu.Writable);
    }

    /// <summary>
    /// The page that faulted last is filled without a walk when the guest has mapped it, unless its directory says something else by then.
    /// </summary>
    [Fact]
    public void The_last_fault_is_remembered()
    {
        using ShadowGuest guest = Paged(MmuPolicyName.Sync);
        guest.Word(First) = 0x4000 | 7;
        guest.Word(0x4004) = 0x21000 | 7;
        Assert.True(guest.Access(0x1000, AccessFlags.User, out _));
        Assert.False(guest.Access(0, AccessFlags.User, out _));
        guest.Word(0x4000) = 0x20000 | 7;
        Assert.True(ShadowMmu.IsAgain(guest.Mmu, 0, AccessFlags.User));
        Assert.Equal(FillResult.Filled, ShadowMmu.FillAgain(guest.Mmu, 0, AccessFlags.User | AccessFlags.Write));
        Assert.True(guest.Access(0, AccessFlags.User | AccessFlags.Write, out uint gpa));
        Assert.Equal(0x20000u, gpa);
        Assert.False(guest.Access(0x2000, AccessFlags.User, out _));
        Assert.False(ShadowMmu.IsAgain(guest.Mmu, 0x1_0000_2000, AccessFlags.User));
        guest.Word(First) = 0x5000 | 7;
        guest.Word(0x4008) = 0x22000 | 7;
        guest.Word(0x5008) = 0x23000 | 7;
        Assert.False(ShadowMmu.IsAgain(guest.Mmu, 0x2000, AccessFlags.User));
        Assert.True(guest.Access(0x2000, AccessFlags.User, out gpa));
        Assert.Equal(0x23000u, gpa);
        Assert.False(guest.Access(0x3000, AccessFlags.User, out _));
        guest.LoadCr3(Second);
        Assert.False(ShadowMmu.IsAgain(guest.Mmu, 0x3000, AccessFlags.User));
    }

    /// <summary>INVLPG forgets one page.</summary>
    [Fact]
    public void Flushing_a_page_forgets_it()
    {
        using ShadowGuest guest = WithPage();
        guest.Word(0x4004) = 0x21000 | 7;
        Assert.True(guest.Access(0, AccessFlags.User, out _) && guest.Access(0x1000, AccessFlags.User, out _));
        ShadowMmu.FlushPage(guest.Mmu, 0x10);
        Assert.Equal(0ul, guest.Lookup(0));
        Assert.NotEqual(0ul, guest.Lookup(0x1000));
    }

    /// <summary>A fetched page brings those around it that the guest calls accessed, for reading; no others.</summary>
    [Fact]
    public void A_fetch_brings_neighbours()
    {
        using ShadowGuest guest = Paged(MmuPolicyName.Sync);
        guest.Word(First) = 0x4000 | 7;
        (guest.Word(0x4000), guest.Word(0x4004), guest.Word(0x4008), guest.Word(0x400C)) = (0x20007, 0x21067, 0x22007, 0x23023);
        guest.Word(0x4000 + (16 * 4)) = 0x24027;
        Assert.True(guest.Access(0, AccessFlags.User, out _) && guest.Lookup(0x1000) == 0);
        Assert.True(guest.Access(0x5000, AccessFlags.User | AccessFlags.Fetch, out _) == false);
        guest.Word(0x4014) = 0x25007;
        Assert.True(guest.Access(0x5000, AccessFlags.User | AccessFlags.Fetch, out _));
        Assert.Equal(ShadowMmu.User, guest.Lookup(0x1000) & (ShadowMmu.User | ShadowMmu.Writable));
        Assert.Equal((0ul, 0ul, 0ul), (guest.Lookup(0x2000), guest.Lookup(0x3000), guest.Lookup(0x10000)));
        Assert.Equal(0x22007u, guest.Word(0x4008));
    }

    /// <summary>What a fork leaves read-only stays readable without a fault.</summary>
    [Fact]
    public void A_flush_takes_only_the_right_that_the_guest_took()
    {
        using ShadowGuest guest = WithPage();
        Assert.True(guest.Access(0, AccessFlags.User | AccessFlags.Write, out _));
        Assert.True(guest.Store(Kernel + 0x4000, 0x20000 | 0x65));
        guest.LoadCr3(First);
        Assert.Equal(ShadowMmu.Present | ShadowMmu.User, guest.Lookup(0) & (ShadowMmu.Present | ShadowMmu.User | ShadowMmu.Writable));
        Assert.False(guest.Access(0, AccessFlags.User | AccessFlags.Write, out _));
    }

    /// <summary>A page that was a table is ordinary memory again once no directory leads to it: writing it costs no fault.</summary>
    [Fact]
    public void A_former_table_is_not_followed()
    {
        using ShadowGuest guest = WithPage();
        Assert.True(guest.Access(0, AccessFlags.User, out _) && guest.Store(Kernel + 0x4000, 0) && guest.Store(Kernel + First, 0));
        guest.LoadCr3(First);
        Assert.NotEqual(0ul, guest.Lookup(Kernel + 0x4000) & ShadowMmu.Writable);
    }

    /// <summary>
    /// Whatever the guest does to its tables: after a flush, no entry allows more than they say, and each access finds what they name. The
    /// guest changes entries by stores through its own mappings, in any order with accesses, INVLPG and loads of CR3.
    /// </summary>
    [Theory]
    [InlineData(MmuPolicyName.Sync)]
    [InlineData(MmuPolicyName.Lazy)]
    [InlineData(MmuPolicyName.Scan)]
    public void Whatever_the_guest_does_is_followed(MmuPolicyName policy)
    {
        Gen<(int Kind, int A, int B, int C)[]> steps =
            Gen.Select(Gen.Int[0, 9], Gen.Int[0, 15], Gen.Int[0, 15], Gen.Int[0, 63]).Array[40, 120];
        steps.Sample(list =>
        {
            using ShadowGuest guest = Paged(policy);
            foreach ((int kind, int a, int b, int c) in list)
                Step(guest, kind, (uint)a, (uint)b, (uint)c);
            guest.LoadCr3(First);
            Compare(guest);
            guest.LoadCr3(Second);
            Compare(guest);
        }, iter: 400);
    }

    private static void Step(ShadowGuest guest, int kind, uint a, uint b, uint c)
    {
        uint directory = (a & 1) == 0 ? First : Second, table = (Tables + (b % TableCount)) * 4096;
        uint kernel = (c & 16) == 0 ? Kernel : Large, rights = 1 | (c & 6), gva = ((a >> 1) << 22) | (b << 12);
        switch (kind)
        {
            case 0: // a directory entry
                guest.Store(kernel + directory + ((a >> 1) * 4), (c & 1) == 0 ? 0 : table | 7);
                break;
            case 1 or 2 or 3: // a page table entry; sometimes of a page that is a table
                guest.Store(kernel + table + (c % 16 * 4), (c & 32) == 0 ? 0 : ((c % 24) << 12) | rights);
                break;
            case 4 or 5 or 6:
                guest.Access(gva, AccessFlags.User | ((c & 1) != 0 ? AccessFlags.Write : (c & 2) != 0 ? AccessFlags.Fetch : 0), out _);
                break;
            case 7:
                ShadowMmu.FlushPage(guest.Mmu, gva);
                break;
            default:
                guest.LoadCr3(directory);
                break;
        }
    }

    // Right after a flush, for all addresses that the steps use.
    private static void Compare(ShadowGuest guest)
    {
        for (uint pde = 0; pde < 8; pde++)
        {
            for (uint pte = 0; pte < 16; pte++)
            {
                uint gva = (pde << 22) | (pte << 12);
                ulong entry = guest.Lookup(gva);
                uint first = guest.Word(guest.Cpu->Cr3 + (pde * 4)), second = (first & 1) == 0
                    ? 0
                    : guest.Word((first & ~0xFFFu) + (pte * 4));
                uint rights = first & second;
                if (entry != 0)
                {
                    Assert.Equal(1u, rights & 1);
                    Assert.True((entry & ShadowMmu.Writable) == 0 || ((rights & 2) != 0 && (second & 0x40) != 0));
                    Assert.Equal(rights & 4, (uint)entry & 4);
                }
                bool reachable = guest.Access(gva, AccessFlags.User, out uint gpa);
                Assert.Equal((rights & 5) == 5, reachable);
                if (reachable)
                    Assert.Equal(second & ~0xFFFu, gpa);
            }
        }
    }

    // With a page of programs, at 0 in the first address space.
    private static ShadowGuest WithPage()
    {
        ShadowGuest guest = Paged(MmuPolicyName.Sync);
        guest.Word(First) = 0x4000 | 7;
        guest.Word(0x4000) = 0x20000 | 7;
        return guest;
    }

    private static ShadowGuest Paged(MmuPolicyName policy)
    {
        var guest = new ShadowGuest((MmuPolicy)policy);
        guest.Word(First + 0xC00) = guest.Word(Second + 0xC00) = 0x3000 | 3;
        for (uint page = 0; page < ShadowGuest.Pages; page++)
            guest.Word(0x3000 + (page * 4)) = (page << 12) | 3;
        guest.Word(First + (Large >> 22 << 2)) = guest.Word(Second + (Large >> 22 << 2)) = 0x83;
        guest.Cpu->Cr4 = ControlBits.PageSizeExtension;
        guest.LoadCr3(First);
        return guest;
    }
}

/// <summary>The policies, for public test methods.</summary>
public enum MmuPolicyName
{
    /// <summary>As <see cref="MmuPolicy.Sync"/>.</summary>
    Sync,

    /// <summary>As <see cref="MmuPolicy.Lazy"/>.</summary>
    Lazy,

    /// <summary>As <see cref="MmuPolicy.Scan"/>.</summary>
    Scan,
}
