using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// Two words of the guest's memory, a descriptor or a gate, as they were once, and where the host has them. The place is good until <see
/// cref="SoftwareTlb.Flushes"/> changes. Safe: it comes from a walk that ends in RAM.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct KnownWords
{
    private ulong* place;
    private ulong value;

    /// <summary>What they were.</summary>
    public readonly ulong Value => value;

    /// <summary>Whether they are still what they were.</summary>
    public readonly bool Hold
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => *place == value;
    }

    /// <summary>What they are now.</summary>
    public readonly ulong Now => *place;

    /// <summary>Reads them; false, and nothing is known, if they cannot be read at once.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="table">Linear address of the table that they are in.</param>
    /// <param name="limit">Its last byte.</param>
    /// <param name="offset">Where they are in it.</param>
    public bool Learn(Vcpu* cpu, uint table, uint limit, uint offset)
    {
        if (!Find(cpu, table, limit, offset))
            return false;
        value = *place;
        return true;
    }

    /// <summary>Looks where they are after a flush; what they were stays known.</summary>
    public bool Find(Vcpu* cpu, uint table, uint limit, uint offset)
    {
        byte* found;
        if (offset + 7 > limit || !GuestMemory.Place(cpu, table + offset, 8, AccessFlags.Read, &found) || found == null)
            return false;
        place = (ulong*)found;
        return true;
    }
}
