using System.Runtime.InteropServices;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Engines.Kernel;
using LilyVM.Hypervisor.Guest;
using LilyVM.Hypervisor.Mmu;
using LilyVM.Hypervisor.Shared.Kernel;

namespace LilyVM.Tests.Hypervisor.Kernel;

/// <summary>
/// Guest RAM with shadow page tables, and a guest that uses memory through them as a CPU without TLB would: each access looks for an entry,
/// and faults if there is none that allows it. Host physical addresses are guest ones plus <see cref="HostBase"/>.
/// </summary>
internal sealed unsafe class ShadowGuest : IDisposable
{
    internal const uint Pages = 512, PoolPages = 96;
    private const ulong HostBase = 0x4_0000_0000, PoolBase = 0x8_0000_0000;

    private readonly void* memory;
    private readonly byte* ram;

    internal ShadowGuest(MmuPolicy policy)
    {
        nuint size = (Pages * 4096) + (KernelLayout.MaxPoolPages * (uint)sizeof(ShadowTable)) + (PoolPages * (4096 + 2048 + 8))
            + (Pages * (8 + KernelLayout.NoteSize))
            + (uint)sizeof(Vcpu) + (uint)sizeof(ShadowMmu) + (64 * 8);
        memory = NativeMemory.AllocZeroed(size);
        byte* next = (byte*)memory;
        ram = Take(ref next, Pages * 4096);
        Mmu = (ShadowMmu*)Take(ref next, (uint)sizeof(ShadowMmu));
        Cpu = (Vcpu*)Take(ref next, (uint)sizeof(Vcpu));
        Cpu->Ram = ram;
        Cpu->RamEnd = Pages * 4096;
        Mmu->Pool = (ulong*)Take(ref next, PoolPages * 4096);
        Mmu->PoolFrames = (ulong*)Take(ref next, PoolPages * 8);
        Mmu->Origins = (uint*)Take(ref next, PoolPages * 2048);
        Mmu->Frames = (ulong*)Take(ref next, Pages * 8);
        Mmu->Notes = (PageNote*)Take(ref next, Pages * KernelLayout.NoteSize);
        Mmu->Tables = (ShadowTable*)Take(ref next, KernelLayout.MaxPoolPages * (uint)sizeof(ShadowTable));
        Mmu->Counters = (ulong*)Take(ref next, 64 * 8);
        Mmu->Cpu = Cpu;
        Mmu->RamPages = Pages;
        Mmu->PoolPages = PoolPages;
        Mmu->Policy = policy;
        for (uint i = 0; i < PoolPages; i++)
            Mmu->PoolFrames[i] = PoolBase + (i * 4096);
        for (uint i = 0; i < Pages; i++)
            Mmu->Frames[i] = HostFrame(i) | 3;
        ShadowMmu.Reset(Mmu);
    }

    internal ShadowMmu* Mmu { get; }

    internal Vcpu* Cpu { get; }

    public void Dispose() => NativeMemory.Free(memory);

    /// <summary>A word of RAM, as a device would see it.</summary>
    internal ref uint Word(uint gpa) => ref *(uint*)(ram + gpa);

    /// <summary>MOV to CR3, with paging switched on if it was off.</summary>
    internal void LoadCr3(uint gpa)
    {
        Cpu->Cr3 = gpa;
        if ((Cpu->Cr0 & ControlBits.Paging) == 0)
        {
            Cpu->Cr0 |= ControlBits.Paging | ControlBits.WriteProtect;
            ShadowMmu.ChangeMode(Mmu);
        }
        else
        {
            ShadowMmu.LoadCr3(Mmu);
        }
    }

    /// <summary>A store of the guest's kernel; false if it gets a page fault.</summary>
    internal bool Store(uint gva, uint value)
    {
        if (!Access(gva, AccessFlags.Write, out uint gpa))
            return false;
        Word(gpa) = value;
        return true;
    }

    /// <summary>An access as the CPU makes it, by the shadow page tables.</summary>
    internal bool Access(uint gva, uint access, out uint gpa)
    {
        for (int tries = 0; tries < 3; tries++)
        {
            ulong entry = Lookup(gva);
            ulong needed = ShadowMmu.Present | ((access & AccessFlags.Write) != 0 ? ShadowMmu.Writable : 0)
                | ((access & AccessFlags.User) != 0 ? ShadowMmu.User : 0);
            if ((entry & needed) == needed)
            {
                gpa = (uint)((entry & ShadowMmu.FrameMask) - HostBase) | (gva & 0xFFF);
                return true;
            }
            FillResult result = ShadowMmu.IsAgain(Mmu, gva, access) ? ShadowMmu.FillAgain(Mmu, gva, access) : FillResult.Undecided;
            if (result == FillResult.Undecided)
                result = ShadowMmu.FillQuickly(Mmu, gva, access);
            if (result == FillResult.Undecided)
                result = ShadowMmu.Fill(Mmu, gva, access);
            if (result == FillResult.NeedsPool)
            {
                ShadowMmu.Empty(Mmu);
                continue;
            }
            if (result != FillResult.Filled)
                break;
        }
        gpa = 0;
        return false;
    }

    /// <summary>The entry that the CPU finds, with the rights of all levels; 0 if none.</summary>
    internal ulong Lookup(uint gva)
    {
        ulong low = Mmu->Pool[gva >> 30];
        if (low == 0)
            return 0;
        ulong directory = PoolPage(low)[gva >> 21 & 511];
        return directory == 0 ? 0 : PoolPage(directory)[gva >> 12 & 511];
    }

    private static ulong HostFrame(uint page) => HostBase + (page * 4096ul);

    private static byte* Take(ref byte* next, uint bytes)
    {
        byte* result = next;
        next += bytes;
        return result;
    }

    private ulong* PoolPage(ulong entry) => (ulong*)((byte*)Mmu->Pool + ((entry & ShadowMmu.FrameMask) - PoolBase));
}
