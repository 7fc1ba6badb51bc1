namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>
/// The guest's FPU, SSE and AVX state. While the guest has not used it since the last entry, CR0.TS is set and the registers are the host's
/// or empty: the first instruction that uses them faults (#NM), and the state is loaded then. The host's own state is the module's
/// business.
/// </summary>
internal static unsafe class Fpu
{
    private static bool loaded, eager;

    /// <summary>Whether the registers hold the guest's state.</summary>
    public static bool Loaded => loaded;

    private static void* Area => (void*)Native.Address(AssemblyAddress.Fpu);

    /// <summary>The state after a reset as FXSAVE stores it (SDM vol. 1, table 10-2); the area is zero.</summary>
    public static void Initialize()
    {
        byte* area = (byte*)Area;
        // QEMU's emulated CPU lets a kernel save and restore what is not there, without a fault.
        eager = This.Record->Fpu == FpuPolicy.Eager || (This.Context->StateComponents != 0 && !Native.StateTraps(area));
        *(ushort*)area = 0x37F;
        *(uint*)(area + 24) = 0x1F80;
        Enter();
    }

    /// <summary>Loads the state.</summary>
    public static void Load()
    {
        Native.ClearTaskSwitched();
        if (loaded)
            return;
        This.Count(KernelCounter.FpuLoads);
        Native.RestoreFpu(Area, This.Context->StateComponents);
        loaded = true;
    }

    /// <summary>Before the host runs: it has its own use of the registers.</summary>
    public static void Leave()
    {
        if (!loaded)
            return;
        Native.ClearTaskSwitched(); // the guest may have set its own
        Native.SaveFpu(Area, This.Context->StateComponents);
        loaded = false;
    }

    /// <summary>The host has run; the module has set CR0.TS.</summary>
    public static void Enter()
    {
        if (eager && (This.Vcpu->Cr0 & ControlBits.TaskSwitched) == 0)
            Load();
    }

    /// <summary>The guest changed CR0: with its own TS or EM set, the CPU's TS must be too.</summary>
    public static void FollowCr0(Vcpu* cpu)
    {
        const uint Emulation = 1 << 2;
        if ((cpu->Cr0 & (ControlBits.TaskSwitched | Emulation)) != 0)
            Native.SetTaskSwitched();
        else if (loaded)
            Native.ClearTaskSwitched();
    }
}
