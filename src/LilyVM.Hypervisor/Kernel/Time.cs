namespace LilyVM.Hypervisor.Kernel;

/// <summary>The machine's clock, made from the TSC, and the host's timer for the 8254.</summary>
internal static unsafe class Time
{
    /// <summary>Nanoseconds since the machine was made.</summary>
    public static ulong Now
    {
        get
        {
            ulong ticks = Native.ReadTsc() - origin;
            // (ticks * multiplier) >> 32 without 128-bit arithmetic; the multiplier is below 2^32 for any TSC above 1 GHz.
            return (ticks >> 32) * multiplier + (((ticks & 0xFFFF_FFFF) * multiplier) >> 32);
        }
    }

    private static ulong origin, multiplier;

    /// <summary>Takes over what the VM process has measured.</summary>
    public static void Initialize(RunRecord* record)
    {
        origin = record->TscOrigin;
        multiplier = record->TscMultiplier & 0xFFFF_FFFF;
    }

    /// <summary>Makes the host interrupt the guest when the 8254 next changes its line.</summary>
    public static void Arm(ulong deadline)
    {
        KernelMachine* machine = This.Machine;
        if (deadline == ulong.MaxValue || deadline == machine->ArmedDeadline)
            return; // one that rings too often does no harm
        machine->ArmedDeadline = deadline;
        ulong now = Now;
        Host.Call(HostService.Timer, deadline > now ? deadline - now : 1);
    }
}
