using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor;

/// <summary>
/// The vectors of an exception and of those met on the way to its handler, in their order. The longest chain is a benign one, a
/// contributory one, a page fault, the double fault and the one that ended the guest (SDM vol. 3, table 6-5).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FaultChain
{
    /// <summary>Room for vectors.</summary>
    public const int Capacity = 5;

    /// <summary>How many there are.</summary>
    public uint Count;

    /// <summary>The vectors.</summary>
    public fixed uint Vectors[Capacity];

    /// <summary>Adds a vector; one too many is dropped.</summary>
    public static void Add(FaultChain* chain, uint vector)
    {
        if (chain->Count < Capacity)
            chain->Vectors[chain->Count++] = vector;
    }

    /// <summary>Copies all of it, field by field: a copy of the struct would use registers that are the guest's.</summary>
    public static void Copy(FaultChain* from, FaultChain* to)
    {
        to->Count = from->Count;
        for (int i = 0; i < Capacity; i++)
            to->Vectors[i] = from->Vectors[i];
    }
}
