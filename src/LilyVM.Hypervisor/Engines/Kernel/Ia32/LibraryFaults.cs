using System.Threading;
using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>
/// Instructions of the VM library that fault on behalf of the guest, from the recovery table in its image (docs/abi.md). The image is the
/// VM process's to write, so nothing in it is trusted.
/// </summary>
internal static unsafe class LibraryFaults
{
    private const uint CallSize = 5, MaxEntries = 4096;
    private const uint ReturnAddress = 0, ScratchThenReturnAddress = 1, ReturnAddressInPage = 3;

    /// <summary>
    /// If EIP is at such an instruction, puts the vCPU back to the call site, with the stack as before the call. Not only after a fault:
    /// all these instructions may be started again, and the library relies on that where an interrupt became pending behind its back.
    /// </summary>
    public static bool Recover(Vcpu* cpu)
    {
        if (!IsInside(cpu->Ip) || !Find(cpu->Ip >= VmArea.Base ? cpu->Ip : cpu->Ip + VmArea.LinkOffset, out uint kind))
            return false;
        uint site = 0, drop;
        switch (kind)
        {
            case ReturnAddress:
                drop = 4;
                break;
            case ScratchThenReturnAddress:
                drop = 8;
                break;
            case ReturnAddressInPage:
                site = cpu->Page->IretSite;
                drop = 0;
                break;
            default:
                return false;
        }
        if (drop != 0 && !GuestMemory.Read32(cpu, cpu->Sp + drop - 4, AccessFlags.Read, &site))
            return false;
        cpu->Sp += drop;
        cpu->Ip = site - CallSize;
        return true;
    }

    /// <summary>
    /// Behind <see cref="Recover"/>: executes the entry that the guest calls there as a hypercall, because the CPU cannot.
    /// </summary>
    public static Outcome Repeat(Vcpu* cpu)
    {
        uint site = cpu->Ip, offset;
        if (!GuestMemory.Read32(cpu, site + 1, AccessFlags.Read, &offset))
            return Events.RaiseFault(cpu);
        uint slot = site + CallSize + offset - VmArea.JumpTable;
        if (slot >= VmArea.LibrarySize)
            slot += VmArea.LinkOffset; // unpaged
        cpu->Sp -= 4; // where the return address still is
        return Hypercalls.Execute(cpu, slot / VmArea.EntrySize);
    }

    /// <summary>Whether an address is of the library, at either of its places.</summary>
    public static bool IsInside(uint eip) =>
        eip - VmArea.Base < VmArea.LibrarySize || eip - (VmArea.Base - VmArea.LinkOffset) < VmArea.LibrarySize;

    private static bool Find(uint eip, out uint kind)
    {
        byte* image = (byte*)KernelLayout.VmArea;
        var header = (LibraryHeader*)image;
        uint table = Volatile.Read(ref header->RecoveryTable) - VmArea.Base, count = Volatile.Read(ref header->RecoveryCount);
        kind = 0;
        if (count > MaxEntries || table > VmArea.LibrarySize - count * 8)
            return false;
        uint* entries = (uint*)(image + table);
        for (uint low = 0, high = count; low < high;)
        {
            uint middle = (low + high) / 2, address = entries[middle * 2];
            if (address == eip)
            {
                kind = entries[middle * 2 + 1];
                return true;
            }
            if (address < eip)
                low = middle + 1;
            else
                high = middle;
        }
        return false;
    }
}
