using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor;

/// <summary>
/// The model-specific registers that the guest asked for and that no table has: how often in all, and the numbers of the first ones with
/// how often each. Lives in the vCPU; whoever reads it may find it half written, which harms nobody.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct UnknownMsrs
{
    /// <summary>How many are told apart.</summary>
    public const int Capacity = 8;

    /// <summary>All accesses, those of registers that found no room included.</summary>
    public uint Total;

    /// <summary>How many of <see cref="Numbers"/> are in use.</summary>
    public uint Distinct;

    /// <summary>Which registers.</summary>
    public fixed uint Numbers[Capacity];

    /// <summary>How often each was asked for.</summary>
    public fixed uint Counts[Capacity];

    /// <summary>Counts an access.</summary>
    public static void Add(UnknownMsrs* unknown, uint number)
    {
        unknown->Total++;
        uint i = 0;
        while (i < unknown->Distinct && unknown->Numbers[i] != number)
            i++;
        if (i >= Capacity)
            return;
        if (i == unknown->Distinct)
        {
            unknown->Numbers[i] = number;
            unknown->Distinct++;
        }
        unknown->Counts[i]++;
    }

    /// <summary>Copies all of it, field by field: a copy of the struct would use registers that are the guest's.</summary>
    public static void Copy(UnknownMsrs* from, UnknownMsrs* to)
    {
        to->Total = from->Total;
        to->Distinct = from->Distinct;
        for (int i = 0; i < Capacity; i++)
        {
            to->Numbers[i] = from->Numbers[i];
            to->Counts[i] = from->Counts[i];
        }
    }
}
