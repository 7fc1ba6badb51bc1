namespace LilyVM;

/// <summary>
/// What is said of hosts that lack something, the same by a machine that cannot be made and by the doctor: what is missing and what to
/// do.
/// </summary>
internal static class HostNeeds
{
    internal const string
        ModifyLdt = "The host refuses modify_ldt, which makes 32-bit segments: use a kernel with CONFIG_MODIFY_LDT_SYSCALL, and a " +
            "container whose seccomp "
            + "profile lets modify_ldt pass.",
        Seccomp = "The host refuses seccomp, which protects it from the guest: use a kernel with CONFIG_SECCOMP_FILTER (Linux 4.14 or " +
            "later), and a container "
            + "whose seccomp profile lets seccomp pass.",
        MemoryFiles = "The host refuses memory files: use a container whose seccomp profile lets memfd_create pass.",
        Futexes = "The host refuses futexes: use a container whose seccomp profile lets futex pass.",
        Timers = "The host refuses a timer to a stub process: raise RLIMIT_SIGPENDING, and use a container whose seccomp profile lets " +
            "timer_create pass.",
        SegmentsFact = "This host runs 64-bit code only (its processor has no segments for 32-bit code, as in a PVM guest)",
        Segments = SegmentsFact + ", so it cannot run IA-32 guests directly: use another host, or --engine native of `lilyvm boot`, " +
            "which runs them in QEMU.",
        AddressLimit = "The limit of address space (RLIMIT_AS) is too low for a stub process, which reserves all addresses of a guest: " +
            "lift it (`ulimit -v unlimited`).",
        AddressBits = "The host gives programs fewer than 47 bits of addresses, all of which a guest has: use another host.",
        LowAddresses = "The host maps nothing at 64 KiB for programs, where a guest's may have pages: set the sysctl vm.mmap_min_addr " +
            "to 65536.",
        Commitment = "so each machine needs room for all its memory from its start (sysctl vm.overcommit_memory=2)",
        BaseInstructions = "so each change of a program's FS or GS base is a system call; Linux 5.9 and later use them where the " +
            "processor has them",
        LargePages = "so memory is slower, in pages of 4 KiB; they take user namespaces (Linux 5.2 or later), or MADV_COLLAPSE "
            + "(Linux 6.1 or later)",
        Mappings = "Set the sysctl vm.max_map_count to 65530 or more.",
        FewMappings = "so a guest that has much mapped is slower; set the sysctl vm.max_map_count to 65530 or more",
        Processor = "LilyVM runs on x86-64 hosts only.",
        OldSystemCalls = Punished + "a 32-bit system call, as guest programs make them: use a container or service whose profile lets " +
            "them pass (systemd: without "
            + "SystemCallArchitectures=native).";

    private const string Punished = "A seccomp profile of the host ended a stub process at ";

    /// <summary>For a system call that failed, or was answered by a signal.</summary>
    internal static string Call(string name, bool signalled) => signalled
        ? $"{Punished}the system call {name}: use a container or service whose profile lets {name} pass."
        : $"The host refuses {name} to a stub process: use a container or service whose seccomp profile lets {name} pass.";

    /// <summary>Whether a problem is that asking for something ends who asks.</summary>
    internal static bool IsPunishment(string problem) => problem.StartsWith(Punished, StringComparison.Ordinal);
}
