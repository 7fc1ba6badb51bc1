using System.Globalization;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Shared;

namespace LilyVM.Engines;

/// <summary>An exception that a guest could not handle, nor the double fault that followed: a PC answers with a reset.</summary>
/// <param name="Cs">Code segment selector of the instruction, as the guest sees it.</param>
/// <param name="Ip">Its address, within that segment.</param>
/// <param name="Vectors">The exceptions in their order, the first one that of the instruction (SDM vol. 3, table 6-1); none where QEMU
/// emulates
/// the machine, which does not tell them.</param>
/// <param name="Cr2">The address of the last page fault.</param>
/// <param name="Bits">The guest's architecture: 32 or 64.</param>
public sealed record TripleFault(uint Cs, ulong Ip, IReadOnlyList<uint> Vectors, ulong Cr2, int Bits = 32)
{
    /// <summary>In words, as a part of a sentence.</summary>
    public override string ToString()
    {
        string vectors = string.Join(", ", Vectors.Select(v => v.ToString(CultureInfo.InvariantCulture)));
        string named = vectors.Length > 0 ? $"vectors {vectors}, " : "";
        string pointer = Bits == 64 ? "RIP" : "EIP";
        return string.Create(CultureInfo.InvariantCulture, $"CS:{pointer} 0x{Cs:x4}:0x{Ip:x8}, {named}CR2 0x{Cr2:x8}");
    }

    /// <summary>
    /// As an engine's core left it. <paramref name="record"/> may be anything: guests or hypervisors may have written it over.
    /// </summary>
    internal static unsafe TripleFault Of(ExitRecord* record)
    {
        uint count = Math.Min(record->Faults.Count, FaultChain.Capacity);
        ulong Value(RegisterName name) => record->Registers[name];
        return new TripleFault(
            (uint)Value(RegisterName.Cs) & 0xFFFF, Value(RegisterName.Ip), new Span<uint>(record->Faults.Vectors, (int)count).ToArray(),
            Value(RegisterName.Cr2), Value(RegisterName.Efer) != 0 ? 64 : 32);
    }
}
