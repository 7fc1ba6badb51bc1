namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>
/// The services of the module (<see cref="HostService"/>). Time passes in each, and the host may take pages of guest RAM back.
/// </summary>
internal static unsafe class Host
{
    /// <summary>Asks for a service; returns its result.</summary>
    public static ulong Call(HostService service, ulong argument)
    {
        Fpu.Leave();
        ulong result = Native.Yield(service, argument);
        KernelMachine* machine = This.Machine;
        machine->Attention = machine->LookAtInputs = 1;
        Fpu.Enter();
        return result;
    }

    /// <summary>Makes a page of guest RAM present.</summary>
    public static void GuestPage(uint page)
    {
        This.Count(KernelCounter.GuestPages);
        ulong error = Call(HostService.GuestPage, page);
        while (error != 0)
            Exits.Fail(KernelFailure.NoGuestPage, page, error);
    }

    /// <summary>Makes the pool larger, or empties it if the host refuses.</summary>
    public static void GrowPool()
    {
        const uint Step = 64;
        ShadowMmu* mmu = This.Mmu;
        if (Call(HostService.PoolPages, Step) == 0 && This.Context->PoolPages > mmu->PoolPages)
            ShadowMmu.Grow(mmu, This.Context->PoolPages);
        else
            ShadowMmu.Empty(mmu);
    }
}
