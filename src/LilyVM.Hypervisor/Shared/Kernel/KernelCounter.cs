namespace LilyVM.Hypervisor.Shared.Kernel;

/// <summary>What the kernel engine counts. Names on the command line are made from these (PageFaults: page-faults).</summary>
internal enum KernelCounter
{
    /// <summary>Calls of the VM library that needed the hypervisor.</summary>
    Hypercalls,

    /// <summary>Page faults on the CPU.</summary>
    PageFaults,

    /// <summary>Page faults that the guest got.</summary>
    GuestPageFaults,

    /// <summary>Entries written to shadow page tables.</summary>
    ShadowFills,

    /// <summary>Writes to a guest's page table that was write-protected.</summary>
    Unsyncs,

    /// <summary>Page tables compared at flushes.</summary>
    TablesCompared,

    /// <summary>Entries dropped at these comparisons.</summary>
    EntriesDropped,

    /// <summary>General-protection faults.</summary>
    ProtectionFaults,

    /// <summary>Other exceptions.</summary>
    OtherExceptions,

    /// <summary>System calls of programs that went straight to their kernel.</summary>
    FastSystemCalls,

    /// <summary>Software interrupts, of programs as a rule: system calls that took the slow way.</summary>
    SlowSystemCalls,

    /// <summary>Interrupts delivered to the guest.</summary>
    Interrupts,

    /// <summary>Host interrupts that arrived while the guest ran.</summary>
    HostInterrupts,

    /// <summary>NMIs of the host.</summary>
    HostNmis,

    /// <summary>Loads of CR3.</summary>
    Cr3Loads,

    /// <summary>Roots of shadow page tables made.</summary>
    RootsMade,

    /// <summary>INVLPG.</summary>
    PageFlushes,

    /// <summary>Flushes of everything.</summary>
    FullFlushes,

    /// <summary>Copies of the guest's GDT made.</summary>
    GdtCopies,

    /// <summary>The guest's FPU state loaded.</summary>
    FpuLoads,

    /// <summary>Exits for ports.</summary>
    PortExits,

    /// <summary>Exits for devices in memory.</summary>
    DeviceExits,

    /// <summary>Writes that were posted.</summary>
    PostedWrites,

    /// <summary>Waits in HLT.</summary>
    Halts,

    /// <summary>Times that a page of guest RAM was asked of the host, which may give others with it.</summary>
    GuestPages,

    /// <summary>Flushes because the host took pages back.</summary>
    HostFlushes,

    /// <summary>Pages of the pool in use.</summary>
    PoolPages,

    /// <summary>How many there are.</summary>
    Count,
}
