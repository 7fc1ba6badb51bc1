using LilyVM.Hypervisor.Shared.Kernel;

namespace LilyVM.Engines.Kernel;

/// <summary>What has put the kernel hypervisor into ring 0, and lets it run: the kernel module of this host, or a KVM guest.</summary>
internal unsafe interface IHypervisorHost : IDisposable
{
    /// <summary>Name of the engine on the command line.</summary>
    string EngineName { get; }

    /// <summary>What guest, hypervisor and this process share; after <see cref="Create"/>.</summary>
    RunRecord* Record { get; }

    /// <summary>The VM area as the guest sees it; after <see cref="Create"/>.</summary>
    byte* Area { get; }

    /// <summary>Makes the machine. Guest RAM stays mapped while this object lives.</summary>
    void Create(byte* ram, uint ramBytes, uint maxPoolPages);

    /// <summary>The time stamp counter as the hypervisor reads it.</summary>
    ulong ReadTsc();

    /// <summary>
    /// Lets the guest run; false if a signal of the host came in between. Otherwise <paramref name="problem"/> says why it did not, if so.
    /// Always the same thread.
    /// </summary>
    bool Run(out string? problem);

    /// <summary>Makes the hypervisor look at what changed in the record. From any thread.</summary>
    void Kick();
}
