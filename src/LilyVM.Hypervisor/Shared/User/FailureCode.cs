namespace LilyVM.Hypervisor.Shared.User;

/// <summary>What can go wrong in a stub; the VM process has a sentence for each.</summary>
internal enum FailureCode : uint
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The stub's own code was interrupted by an exception.</summary>
    UnexpectedSignal,

    /// <summary>The host refused a mapping.</summary>
    MapFailed,

    /// <summary>No page of the host's for guest RAM.</summary>
    HostMemory,

    /// <summary>The guest ran the stub's code, with a stack of its own.</summary>
    GuestInEngine,
}
