namespace LilyVM;

/// <summary>What is said of hosts that lack something, the same by a machine that cannot be made and by the doctor: what is missing and what to do.</summary>
internal static class HostNeeds
{
    internal const string
        ModifyLdt = "The host refuses modify_ldt, which makes 32-bit segments: use a kernel with CONFIG_MODIFY_LDT_SYSCALL, and a container whose seccomp "
            + "profile lets modify_ldt pass.",
        Seccomp = "The host refuses seccomp, which protects it from the guest: use a kernel with CONFIG_SECCOMP_FILTER (Linux 4.14 or later), and a container "
            + "whose seccomp profile lets seccomp pass.",
        MemoryFiles = "The host refuses memory files: use a container whose seccomp profile lets memfd_create pass.",
        Futexes = "The host refuses futexes: use a container whose seccomp profile lets futex pass.",
        Timers = "The host refuses a timer to a stub process: raise RLIMIT_SIGPENDING, and use a container whose seccomp profile lets timer_create pass.",
        Mappings = "Set the sysctl vm.max_map_count to 65530 or more.",
        Processor = "LilyVM runs on x86-64 hosts only.",
        NoKills = "A seccomp profile of the host ended a stub process while it was set up: use a container or service whose profile lets modify_ldt, seccomp and "
            + "timer_create pass.";
}
