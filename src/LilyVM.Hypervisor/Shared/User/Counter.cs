namespace LilyVM.Hypervisor.Shared.User;

/// <summary>What the user engine counts. Names on the command line are made from these (CR3Loads: cr3-loads).</summary>
internal enum Counter
{
    /// <summary>Calls of the VM library that needed the engine.</summary>
    Hypercalls,

    /// <summary>
    /// Guest system calls through the patched vDSO, or from patched code of x86-64 programs: no entry into the host kernel.
    /// </summary>
    FastSystemCalls,

    /// <summary>
    /// Guest system calls by INT 80h or SYSCALL, each a signal; without IA-32 emulation those of IA-32 are protection signals.
    /// </summary>
    SignalledSystemCalls,

    /// <summary>Signals for page faults.</summary>
    PageFaultSignals,

    /// <summary>Signals for general-protection faults.</summary>
    ProtectionSignals,

    /// <summary>Signals for other exceptions.</summary>
    OtherSignals,

    /// <summary>Signals that tell of interrupts and timers.</summary>
    KickSignals,

    /// <summary>Page faults that the guest got.</summary>
    GuestPageFaults,

    /// <summary>Pages that were mapped before the guest touched them, after it had handled a fault on them.</summary>
    PagesMappedAhead,

    /// <summary>Interrupts delivered.</summary>
    Interrupts,

    /// <summary>mmap calls.</summary>
    Mmaps,

    /// <summary>munmap calls.</summary>
    Munmaps,

    /// <summary>mprotect calls.</summary>
    Mprotects,

    /// <summary>modify_ldt calls.</summary>
    LdtWrites,

    /// <summary>timer_settime calls.</summary>
    TimerSettings,

    /// <summary>Loads of CR3.</summary>
    Cr3Loads,

    /// <summary>Hand-overs to another stub.</summary>
    Batons,

    /// <summary>Stubs that were given to another address space.</summary>
    StubsReused,

    /// <summary>INVLPG.</summary>
    PageFlushes,

    /// <summary>Flushes of everything.</summary>
    FullFlushes,

    /// <summary>Page-table pages compared at flushes.</summary>
    TablesScanned,

    /// <summary>Exits for ports.</summary>
    PortExits,

    /// <summary>Exits for devices in memory.</summary>
    DeviceExits,

    /// <summary>Writes that were posted.</summary>
    PostedWrites,

    /// <summary>Writes that signalled the back end of a device, with no exit.</summary>
    Signals,

    /// <summary>Waits in HLT.</summary>
    Halts,

    /// <summary>Times that all mappings moved up, because the guest used its lowest 64 KiB.</summary>
    MovesUp,

    /// <summary>vDSO pages patched.</summary>
    VdsoPatches,

    /// <summary>x86-64: pages of 4 KiB that were mapped, neighbours included.</summary>
    PagesMapped,

    /// <summary>x86-64: pages of 2 MiB that were mapped.</summary>
    LargePages,

    /// <summary>x86-64: flushes that compared all that is mapped.</summary>
    Scans,

    /// <summary>x86-64: times that a stub unmapped everything because it had too much.</summary>
    Drops,

    /// <summary>x86-64: bases of FS and GS given to the CPU.</summary>
    BaseWrites,

    /// <summary>x86-64: pages of code copied to be patched.</summary>
    CodePagesCopied,

    /// <summary>x86-64: system calls patched.</summary>
    SystemCallsPatched,

    /// <summary>x86-64: CPUIDs patched.</summary>
    IdentificationsPatched,

    /// <summary>x86-64: pkey_mprotect calls, which protection keys make instead of mprotect.</summary>
    KeyedMprotects,

    /// <summary>x86-64: turns of programs in processes of their own, and of those processes' sides for mappings alone.</summary>
    ProgramTurns,

    /// <summary>x86-64: mappings and rights changed in processes of programs.</summary>
    ProgramMappings,

    /// <summary>How many there are.</summary>
    Count,
}
