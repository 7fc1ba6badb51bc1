using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>One patched SYSCALL: offsets in its page, of the instruction and of up to two pieces of padding with their lengths.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PatchedSite
{
    /// <summary>The instruction.</summary>
    public ushort Site;

    /// <summary>The first piece.</summary>
    public ushort First;

    /// <summary>The second one, or 0.</summary>
    public ushort Second;

    /// <summary>Bytes of the two.</summary>
    public byte FirstBytes, SecondBytes;
}

/// <summary>A page of code and its copy.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PatchedPage
{
    /// <summary>Sites at most.</summary>
    public const uint Most = 31;

    /// <summary>Number of the page of guest RAM, from 1; 0: none.</summary>
    public uint Frame;

    /// <summary>How many sites are patched.</summary>
    public uint Count;

    /// <summary>The sites, as <see cref="PatchedSite"/>.</summary>
    public fixed ulong Sites[(int)Most];
}

/// <summary>
/// Which pages of code have copies, and what is patched in each: shared by all stubs, at <see cref="Layout.Patches"/>. A page has the place that its number
/// leads to, or one of the next few; the copy has the number of the place. Safe: numbers are below <see cref="Capacity"/>.
/// </summary>
internal static unsafe class PatchTable
{
    /// <summary>Most copies; a power of two.</summary>
    public const uint Capacity = 2048;

    /// <summary>No copy.</summary>
    public const uint None = uint.MaxValue;

    /// <summary>Bytes of the table.</summary>
    public const ulong Bytes = Capacity * 256;

    private const uint Tries = 8, Vacant = 0;

    /// <summary>The copy of a page, or <see cref="None"/>.</summary>
    public static uint Find(ulong gpa)
    {
        uint frame = Number(gpa);
        for (uint i = 0; i < Tries; i++)
        {
            uint copy = frame + i & Capacity - 1;
            if (At(copy)->Frame == frame)
                return copy;
        }
        return None;
    }

    /// <summary>Makes an entry for a page that has none, if there is room.</summary>
    public static uint Add(ulong gpa)
    {
        uint frame = Number(gpa);
        for (uint i = 0; i < Tries; i++)
        {
            uint copy = frame + i & Capacity - 1;
            if (At(copy)->Frame != Vacant)
                continue;
            At(copy)->Frame = frame;
            At(copy)->Count = 0;
            return copy;
        }
        return None;
    }

    /// <summary>The page has another use. Stubs may have its copy mapped still, where nobody executes it; it is not used for another page before they forgot.</summary>
    public static void Forget(uint copy)
    {
        At(copy)->Frame = Vacant;
        At(copy)->Count = 0;
    }

    /// <summary>Guest physical address of the page.</summary>
    public static ulong Gpa(uint copy) => (ulong)(At(copy)->Frame - 1) << 12;

    /// <summary>Whether the SYSCALL at that offset is patched.</summary>
    public static bool HasSite(uint copy, uint offset)
    {
        for (uint i = 0; i < At(copy)->Count; i++)
        {
            if (Site(copy, i)->Site == offset)
                return true;
        }
        return false;
    }

    /// <summary>The SYSCALL that leads to an offset in padding.</summary>
    public static bool SiteOf(uint copy, uint offset, uint* site)
    {
        for (uint i = 0; i < At(copy)->Count; i++)
        {
            PatchedSite* one = Site(copy, i);
            *site = one->Site;
            if (offset - one->First < one->FirstBytes || offset - one->Second < one->SecondBytes)
                return true;
        }
        return false;
    }

    /// <summary>Whether a byte of the page was patched.</summary>
    public static bool IsPatched(uint copy, uint offset)
    {
        for (uint i = 0; i < At(copy)->Count; i++)
        {
            PatchedSite* one = Site(copy, i);
            if (offset - one->Site < Patches.InstructionBytes || offset - one->First < one->FirstBytes || offset - one->Second < one->SecondBytes)
                return true;
        }
        return false;
    }

    /// <summary>Whether there is room for another site.</summary>
    public static bool HasRoom(uint copy) => At(copy)->Count < PatchedPage.Most;

    /// <summary>Adds a site; there must be room.</summary>
    public static void AddSite(uint copy, uint site, uint first, uint firstBytes, uint second, uint secondBytes)
    {
        PatchedSite* one = Site(copy, At(copy)->Count);
        one->Site = (ushort)site;
        one->First = (ushort)first;
        one->FirstBytes = (byte)firstBytes;
        one->Second = (ushort)(secondBytes == 0 ? 0 : second);
        one->SecondBytes = (byte)secondBytes;
        At(copy)->Count++;
    }

    private static uint Number(ulong gpa) => (uint)(gpa >> 12) + 1;

    private static PatchedPage* At(uint copy) => (PatchedPage*)(Layout.Patches + copy * 256);

    private static PatchedSite* Site(uint copy, uint number) => (PatchedSite*)(At(copy)->Sites + number);
}
