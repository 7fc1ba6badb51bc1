using System.Runtime;
using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>
/// Exceptions in the hypervisor itself. The expected ones are page faults on guest memory, and returns to a guest whose selectors are bad.
/// </summary>
internal static unsafe class OwnTraps
{
    /// <summary>From assembly.</summary>
    /// <param name="vector">Vector.</param>
    /// <param name="error">Error code.</param>
    /// <param name="address">CR2.</param>
    /// <param name="rip">Where it happened; changed to go on elsewhere.</param>
    [RuntimeExport("lily_on_own_trap")]
    public static void Handle(uint vector, uint error, ulong address, ulong* rip)
    {
        if (vector == Vectors.PageFault && address - KernelLayout.Ram < This.Context->RamSize)
        {
            Host.GuestPage((uint)((address - KernelLayout.Ram) >> 12));
            return;
        }
        if (IsIn(*rip, AssemblyAddress.SystemCallStart))
        {
            Deliver(vector, error, address, rip, AssemblyAddress.SystemCallSlowly);
            return;
        }
        if (IsIn(*rip, AssemblyAddress.PageFaultStart))
        {
            Traps.Refused = false; // what the vCPU knows of it is overwritten here
            Deliver(vector, error, address, rip, AssemblyAddress.PageFaultSlowly);
            return;
        }
        if (vector == Vectors.DeviceNotAvailable && IsIn(*rip, AssemblyAddress.FpuStart))
        {
            // An NMI came since it was cleared, and the module set it; the FPU's registers are still the machine's.
            Native.ClearTaskSwitched();
            return;
        }
        if (*rip == Native.Address(AssemblyAddress.Iretq))
        {
            *rip = Native.Address(AssemblyAddress.ResumeRefused);
            return;
        }
        if (*rip == Native.Address(AssemblyAddress.StateProbe))
        {
            *rip = Native.Address(AssemblyAddress.StateTrapped);
            return;
        }
        while (true)
            Exits.Fail(KernelFailure.OwnFault, vector, address, *rip);
    }

    // The assembly reads and writes the guest's memory where the guest would: an entry that is only missing is filled, with the kernel's
    // rights.
    private static void Deliver(uint vector, uint error, ulong address, ulong* rip, AssemblyAddress slowly)
    {
        bool filled = vector == Vectors.PageFault && address < VmArea.Base
            && Traps.Fill((uint)address, error & AccessFlags.Write) == FillResult.Filled;
        if (!filled || This.Machine->Attention != 0)
            *rip = Native.Address(slowly);
        FlushIfWanted();
    }

    // In the table of addresses the end follows the start.
    private static bool IsIn(ulong rip, AssemblyAddress start) => rip >= Native.Address(start) && rip < Native.Address(start + 1);

    /// <summary>The CPU is to forget what it knows of tables that changed.</summary>
    public static void FlushIfWanted()
    {
        ShadowMmu* mmu = This.Mmu;
        if (!mmu->ReloadWanted)
            return;
        mmu->ReloadWanted = false;
        Native.ReloadCr3();
    }
}
