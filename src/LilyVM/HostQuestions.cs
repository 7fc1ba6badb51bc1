using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LilyVM;

/// <summary>Single questions about the host, asked of its kernel in ways that change nothing.</summary>
internal static partial class HostQuestions
{
    private const nint ModifyLdt = 154, Futex = 202, SeccompCall = 317, MemfdCreate = 319; // system call numbers of x86-64
    private const nint FutexWake = 1; // linux/futex.h
    private const nint GetActionAvailable = 2; // linux/seccomp.h
    private const uint ActionTrap = 0x0003_0000;
    private const long FewMappings = 65530, NeverMoreThanThereIs = 2; // Linux's own limit; proc_sys_vm(5), overcommit_memory

    /// <summary>Reading this process's LDT, which has no entry: 0 bytes.</summary>
    internal static unsafe bool HasModifyLdt()
    {
        ulong entry;
        return Call(ModifyLdt, 0, (nint)(&entry), sizeof(ulong), 0, 0) >= 0;
    }

    /// <summary>Filters of system calls that answer by a signal.</summary>
    internal static unsafe bool HasSeccompFilters()
    {
        uint action = ActionTrap;
        return Call(SeccompCall, GetActionAvailable, 0, (nint)(&action), 0, 0) == 0;
    }

    /// <summary>memfd_create.</summary>
    internal static unsafe bool HasMemoryFiles()
    {
        byte name = 0;
        nint file = Call(MemfdCreate, (nint)(&name), 0, 0, 0, 0);
        using var handle = new SafeFileHandle(file, ownsHandle: file >= 0); // closed at once
        return file >= 0;
    }

    /// <summary>futex, which wakes nobody here.</summary>
    internal static unsafe bool HasFutexes()
    {
        uint word = 0;
        return Call(Futex, (nint)(&word), FutexWake, 1, 0, 0) == 0;
    }

    /// <summary>As many mappings as a busy guest makes.</summary>
    internal static bool HasManyMappings() => ReadNumber("/proc/sys/vm/max_map_count") >= FewMappings;

    /// <summary>Whether memory may be asked for that is never touched.</summary>
    internal static bool GivesMemoryAtTouch() => ReadNumber("/proc/sys/vm/overcommit_memory") != NeverMoreThanThereIs;

    private static long? ReadNumber(string path)
    {
        try
        {
            return long.TryParse(File.ReadAllText(path), out long number) ? number : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Call(nint number, nint first, nint second, nint third, nint fourth, nint fifth);
}
