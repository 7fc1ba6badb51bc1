namespace LilyVM.Hypervisor.Shared.Kernel;

/// <summary>
/// What the kernel hypervisor asks of the kernel module; with the world switch, all that a host operating system has to offer it.
/// </summary>
internal enum HostService : uint
{
    /// <summary>Nothing: the hypervisor has not run yet.</summary>
    None,

    /// <summary>Return to the VM process; <see cref="RunRecord.ExitReason"/> says why. The next run goes on behind the call.</summary>
    Exit,

    /// <summary>A host interrupt, vector in the argument, is to be handled by the host.</summary>
    Interrupt,

    /// <summary>Wait for so many nanoseconds, ulong.MaxValue for ever, or until the VM process kicks.</summary>
    Halt,

    /// <summary>
    /// Make the page of guest RAM with this number present in <see cref="KernelLayout.Frames"/>, writable. Result 0, or an error number of
    /// the host.
    /// </summary>
    GuestPage,

    /// <summary>Add so many pages to the pool. Result 0, or an error number of the host.</summary>
    PoolPages,

    /// <summary>
    /// Interrupt the hypervisor in so many nanoseconds at the latest; ulong.MaxValue cancels. One timer: a later call replaces it.
    /// </summary>
    Timer,
}
