namespace LilyVM.Hypervisor;

/// <summary>
/// What an engine has to do after the core handled something on behalf of the guest. State of the vCPU is complete in each case.
/// </summary>
internal enum Outcome : uint
{
    /// <summary>Nothing: go on with the guest (an exception may have been delivered to it).</summary>
    Resume,

    /// <summary>The core does not know the instruction; nothing was changed.</summary>
    NotHandled,

    /// <summary>Wait for an interrupt (HLT). EIP is behind the instruction.</summary>
    Halt,

    /// <summary>Carry out <see cref="Vcpu.Access"/> on a port, then complete it.</summary>
    PortAccess,

    /// <summary>Carry out <see cref="Vcpu.Access"/> on a guest physical address that is not RAM, then complete it.</summary>
    DeviceAccess,

    /// <summary>Put the time-stamp counter into EDX:EAX (RDMSR of it). EIP is behind the instruction.</summary>
    TimeStamp,

    /// <summary>Forget the translation of <see cref="Vcpu.FlushedAddress"/> (INVLPG).</summary>
    FlushPage,

    /// <summary>CR3 was loaded, perhaps with the same value: forget translations that are not global.</summary>
    AddressSpace,

    /// <summary>Forget all translations, global ones too (CR4.PGE toggled, INVPCID).</summary>
    FlushAll,

    /// <summary>CR0.PG, CR0.WP, CR4.PSE or CR4.PAE changed: all translations have another meaning now.</summary>
    PagingMode,

    /// <summary>The guest ended; <see cref="Vcpu.Shutdown"/> says why.</summary>
    Shutdown,
}

/// <summary>Why a guest cannot go on.</summary>
internal enum ShutdownReason : uint
{
    /// <summary>It goes on.</summary>
    None,

    /// <summary>A fault while a double fault was delivered.</summary>
    TripleFault,

    /// <summary>HLT with interrupts off: nothing can wake it.</summary>
    HaltedForEver,

    /// <summary>
    /// It asked for something that this version does not emulate (PAE, virtual-8086 mode, hardware tasks but for the double fault).
    /// </summary>
    Unsupported,

    /// <summary>It used an address that an engine cannot give it.</summary>
    ForbiddenAddress,
}
