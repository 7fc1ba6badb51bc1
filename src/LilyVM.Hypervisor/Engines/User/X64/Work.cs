namespace LilyVM.Hypervisor.Engines.User;

/// <summary>Why the library must not return to a program by itself; bits of <see cref="Vcpu.Work"/>.</summary>
internal static class Work
{
    /// <summary>An interrupt waits.</summary>
    public const ulong Interrupt = 1;

    /// <summary>FS or GS has another base than the guest's program wants (<see cref="Bases"/>).</summary>
    public const ulong Bases = 2;

    /// <summary>A program got a page fault: what its kernel mapped is mapped here, too, before it tries again.</summary>
    public const ulong MapAhead = 4;

    /// <summary>Always, where programs run in processes of their own: the library cannot enter them.</summary>
    public const ulong Apart = 8;
}
