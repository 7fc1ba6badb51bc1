namespace LilyVM.Hypervisor.Engines;

/// <summary>Indices into the table of addresses in native/entry/user/ia32/stub.S.</summary>
internal enum AssemblyAddress : uint
{
    Hypercall,
    SystemCall,
    Resume,
    ResumeEnd,
    Restorer,
    SignalHandler,
    SignalStack,
    Target,
    GuestFlags,
    GuestSs,
    Attention,
    Int80,
}
