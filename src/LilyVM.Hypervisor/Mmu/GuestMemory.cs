using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Mmu;

/// <summary>
/// Guest memory at guest virtual addresses, as an access of the guest would find it. False: the access faults, see <see
/// cref="Vcpu.Fault"/>. Addresses without RAM read as ones and ignore writes; devices there are not the core's. Safe: every pointer comes
/// from a walk that ends in RAM.
/// </summary>
internal static unsafe class GuestMemory
{
    private const uint Offset = 0xFFF, PageSize = 0x1000;

    /// <summary>Reads four bytes.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="gva">Address of the first, of any alignment.</param>
    /// <param name="access">Bits of <see cref="AccessFlags"/>: who reads.</param>
    /// <param name="value">What was read; of no meaning after a fault.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Read32(Vcpu* cpu, Word gva, uint access, uint* value)
    {
        byte* place = SoftwareTlb.Find(&cpu->Tlb, gva, access);
        if (place == null || (gva & Offset) > PageSize - 4)
            return ReadSlowly(cpu, gva, access, 4, (byte*)value);
        *value = *(uint*)place;
        return true;
    }

    /// <summary>Two words in a row: a descriptor, a gate, a stack in a TSS.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Read64(Vcpu* cpu, Word gva, uint access, ulong* value)
    {
        byte* place = SoftwareTlb.Find(&cpu->Tlb, gva, access);
        if (place == null || (gva & Offset) > PageSize - 8)
            return ReadSlowly(cpu, gva, access, 8, (byte*)value);
        *value = *(ulong*)place;
        return true;
    }

    /// <summary>What a register holds: four bytes, or eight in 64-bit code; see <see cref="Read32"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool ReadWord(Vcpu* cpu, Word gva, uint access, Word* value) =>
        Architecture.Is64Bit ? Read64(cpu, gva, access, (ulong*)value) : Read32(cpu, gva, access, (uint*)value);

    /// <summary>Reads two bytes, zero-extended; see <see cref="Read32"/>.</summary>
    public static bool Read16(Vcpu* cpu, Word gva, uint access, uint* value)
    {
        *value = 0;
        return ReadSlowly(cpu, gva, access, 2, (byte*)value);
    }

    /// <summary>Reads a byte, zero-extended; see <see cref="Read32"/>.</summary>
    public static bool Read8(Vcpu* cpu, Word gva, uint access, uint* value)
    {
        *value = 0;
        return ReadSlowly(cpu, gva, access, 1, (byte*)value);
    }

    /// <summary>Writes four bytes: all of them, or none if one may not be written.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="gva">Address of the first, of any alignment.</param>
    /// <param name="access">Bits of <see cref="AccessFlags"/>, <see cref="AccessFlags.Write"/> among them.</param>
    /// <param name="value">What is written.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Write32(Vcpu* cpu, Word gva, uint access, uint value)
    {
        byte* place = SoftwareTlb.Find(&cpu->Tlb, gva, access);
        if (place == null || (gva & Offset) > PageSize - 4)
            return WriteSlowly(cpu, gva, access, 4, value);
        *(uint*)place = value;
        return true;
    }

    /// <summary>Writes eight bytes; see <see cref="Write32"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Write64(Vcpu* cpu, Word gva, uint access, ulong value)
    {
        byte* place = SoftwareTlb.Find(&cpu->Tlb, gva, access);
        if (place == null || (gva & Offset) > PageSize - 8)
            return WriteSlowly(cpu, gva, access, 8, value);
        *(ulong*)place = value;
        return true;
    }

    /// <summary>What a register holds: four bytes, or eight in 64-bit code; see <see cref="Write32"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool WriteWord(Vcpu* cpu, Word gva, uint access, Word value) =>
        Architecture.Is64Bit ? Write64(cpu, gva, access, value) : Write32(cpu, gva, access, (uint)value);

    /// <summary>Writes the low two bytes; see <see cref="Write32"/>.</summary>
    public static bool Write16(Vcpu* cpu, Word gva, uint access, uint value) => WriteSlowly(cpu, gva, access, 2, value);

    /// <summary>Writes the low byte; see <see cref="Write32"/>.</summary>
    public static bool Write8(Vcpu* cpu, Word gva, uint access, uint value) => WriteSlowly(cpu, gva, access, 1, value);

    /// <summary>Whether all of up to one page of bytes may be accessed.</summary>
    public static bool Probe(Vcpu* cpu, Word gva, uint length, uint access)
    {
        byte* place;
        return Resolve(cpu, gva, access, &place) && ((gva & Offset) + length <= PageSize || Resolve(cpu, gva + length - 1, access, &place));
    }

    /// <summary>
    /// The host's address of bytes that lie in one page of RAM; null if they do not, which is no fault. False if the access faults.
    /// </summary>
    public static bool Place(Vcpu* cpu, Word gva, uint length, uint access, byte** place)
    {
        *place = SoftwareTlb.Find(&cpu->Tlb, gva, access);
        if (*place == null && !Resolve(cpu, gva, access, place))
            return false;
        if ((gva & Offset) + length > PageSize)
            *place = null;
        return true;
    }

    /// <summary>CR0 or CR4 changed what addresses mean, or everything is to be forgotten.</summary>
    public static void Flush(Vcpu* cpu) => SoftwareTlb.Flush(&cpu->Tlb, keepGlobal: false);

    /// <summary>CR3 was loaded: global translations stay (SDM vol. 3, 4.10.4.1).</summary>
    public static void FlushButGlobal(Vcpu* cpu) => SoftwareTlb.Flush(&cpu->Tlb, keepGlobal: true);

    /// <summary>INVLPG.</summary>
    public static void FlushPage(Vcpu* cpu, Word gva) => SoftwareTlb.FlushPage(&cpu->Tlb, gva);

    // Byte by byte where it crosses into another page.
    private static bool ReadSlowly(Vcpu* cpu, Word gva, uint access, uint width, byte* value)
    {
        bool inOne = (gva & Offset) + width <= PageSize;
        uint step = inOne ? width : 1;
        for (uint i = 0; i < width; i += step)
        {
            byte* place = SoftwareTlb.Find(&cpu->Tlb, gva + i, access);
            if (place == null && !Resolve(cpu, gva + i, access, &place))
                return false;
            Copy(place, value + i, step);
        }
        return true;
    }

    // Ones where no RAM is.
    private static void Copy(byte* place, byte* value, uint width)
    {
        ulong ones = ulong.MaxValue;
        if (place == null)
            place = (byte*)&ones;
        switch (width)
        {
            case 1:
                *value = *place;
                break;
            case 2:
                *(ushort*)value = *(ushort*)place;
                break;
            case 4:
                *(uint*)value = *(uint*)place;
                break;
            default:
                *(ulong*)value = *(ulong*)place;
                break;
        }
    }

    private static bool WriteSlowly(Vcpu* cpu, Word gva, uint access, uint width, ulong value)
    {
        if (!Probe(cpu, gva, width, access))
            return false;
        for (uint i = 0; i < width; i++)
        {
            byte* place = SoftwareTlb.Find(&cpu->Tlb, gva + i, access);
            if ((place != null || Resolve(cpu, gva + i, access, &place)) && place != null)
                *place = (byte)(value >> (int)(8 * i));
        }
        return true;
    }

    // Null without a fault: no RAM there. The VM area is nobody's memory but the library's.
    private static bool Resolve(Vcpu* cpu, Word gva, uint access, byte** place)
    {
        Translation translation;
        if (Architecture.IsVmArea(gva))
        {
            cpu->Fault.Vector = Vectors.PageFault;
            cpu->Fault.ErrorCode = access & (AccessFlags.Write | AccessFlags.User);
            cpu->Fault.Address = gva;
            return false;
        }
        if (!PageWalk.Walk(cpu, gva, access, &translation))
            return false;
        *place = null;
        if (!PhysicalMemory.IsRam(cpu, translation.Gpa))
            return true;
        *place = cpu->Ram + translation.Gpa;
        uint allowed = (translation.User ? AccessFlags.User : 0) | (translation.Writable && translation.Dirty ? AccessFlags.Write : 0);
        if ((access & ~allowed) == 0)
            SoftwareTlb.Add(&cpu->Tlb, gva,
                allowed | (translation.Global ? SoftwareTlb.Global : 0) | (translation.Large ? SoftwareTlb.Large : 0),
                cpu->Ram + (translation.Gpa & PageWalk.Frame));
        return true;
    }
}
