using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace LilyVM;

/// <summary>Looks for what the user engine needs, by asking the host's kernel and changing nothing.</summary>
public static partial class HostProbe
{
    private const nint ModifyLdt = 154, Prctl = 157, SeccompCall = 317; // system call numbers of x86-64
    private const nint SetSyscallUserDispatch = 59, DispatchOff = 0; // linux/prctl.h
    private const nint GetActionAvailable = 2; // linux/seccomp.h
    private const uint ActionErrno = 0x0005_0000;

    /// <summary>All findings for the user engine.</summary>
    public static IReadOnlyList<HostFinding> UserEngine() =>
    [
        new("x86-64 processor with FXSR and SSE2", X86Base.IsSupported && Sse2.IsSupported, "LilyVM runs on x86-64 hosts only."),
        new("modify_ldt system call", HasModifyLdt(),
            "Use a host kernel with CONFIG_MODIFY_LDT_SYSCALL, and a container whose seccomp profile lets modify_ldt pass."),
        new("Syscall User Dispatch", Call(Prctl, SetSyscallUserDispatch, DispatchOff, 0, 0, 0) == 0,
            "Use Linux 5.11 or later, and a container whose seccomp profile lets prctl pass."),
        new("seccomp filters", HasSeccompFilters(), "Use a host kernel with CONFIG_SECCOMP_FILTER."),
        new("room for many mappings", MaxMapCount() is >= 65530, "Set the sysctl vm.max_map_count to 65530 or more."),
    ];

    // Reading this process's LDT, which has no entry: 0 bytes.
    private static unsafe bool HasModifyLdt()
    {
        ulong entry;
        return Call(ModifyLdt, 0, (nint)(&entry), sizeof(ulong), 0, 0) >= 0;
    }

    private static unsafe bool HasSeccompFilters()
    {
        uint action = ActionErrno;
        return Call(SeccompCall, GetActionAvailable, 0, (nint)(&action), 0, 0) == 0;
    }

    private static long? MaxMapCount()
    {
        try
        {
            return long.TryParse(File.ReadAllText("/proc/sys/vm/max_map_count"), out long count) ? count : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Call(nint number, nint first, nint second, nint third, nint fourth, nint fifth);
}
