namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>The machine's clock, made from the TSC, and the host's timer for the 8254.</summary>
internal static unsafe class Time
{
    /// <summary>Nanoseconds since the machine was made.</summary>
    public static ulong Now => TscScale.ToNanoseconds(Native.ReadTsc() - origin, multiplier);

    private static ulong origin, multiplier;
    private static bool comesSoon;

    /// <summary>Takes over what the VM process has measured.</summary>
    public static void Initialize(RunRecord* record)
    {
        origin = record->TscOrigin;
        multiplier = record->TscMultiplier;
    }

    /// <summary>Makes the host interrupt the guest when the 8254 next changes its line.</summary>
    public static void Arm(ulong deadline)
    {
        const ulong Soon = 100_000;
        if (comesSoon)
            return; // the timer is set to ring before that
        KernelMachine* machine = This.Machine;
        ulong now = Now;
        // The same one again only if it is about to ring or has rung a little early. One that rings too often does no harm.
        if (deadline == ulong.MaxValue || (deadline == machine->ArmedDeadline && deadline > now + Soon))
            return;
        machine->ArmedDeadline = deadline;
        Host.Call(HostService.Timer, deadline > now ? deadline - now : 1);
    }

    /// <summary>Comes back in a moment; once until <see cref="Reset"/>.</summary>
    public static void RingSoon(KernelMachine* machine)
    {
        const ulong Moment = 20_000;
        if (comesSoon)
            return;
        comesSoon = true;
        machine->ArmedDeadline = 0;
        Host.Call(HostService.Timer, Moment);
    }

    /// <summary>The guest ran.</summary>
    public static void Reset() => comesSoon = false;
}
