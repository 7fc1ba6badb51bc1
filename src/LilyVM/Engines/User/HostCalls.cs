using System.Runtime.InteropServices;

namespace LilyVM.Engines.User;

/// <summary>
/// The host's system calls that .NET has no names for. Safe as far as their callers own the memory and descriptors they pass.
/// </summary>
internal static unsafe partial class HostCalls
{
    internal const int ReadWriteCloseOnExec = 0x8_0002; // O_RDWR | O_CLOEXEC
    internal const int ReadWrite = 3, Shared = 1, CloseOnExec = 1, DuplicateCloseOnExec = 1030, KillSignal = 9, KickSignal = 10;
    internal const int Fixed = 0x10; // MAP_FIXED
    internal const int PrivateAnonymous = 0x22, Reserved = 0x4022; // MAP_PRIVATE | MAP_ANONYMOUS; and MAP_NORESERVE
    private const long FutexNumber = 202, TgkillNumber = 234, PkeyAllocNumber = 330, PkeyFreeNumber = 331;
    internal const int LargePages = 14, Collapse = 25; // MADV_HUGEPAGE, MADV_COLLAPSE
    internal const short SetProcessGroup = 2; // POSIX_SPAWN_SETPGROUP
    private const int FutexWait = 0, FutexWake = 1;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string name, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Control(int file, nuint command, void* argument);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int CreateMemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int SetSize(int file, long size);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    internal static partial nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    internal static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Control(int file, int command, long argument);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    internal static partial int WaitFor(int process, out int status, int options);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    internal static partial int SetAffinity(int process, nuint bytes, ulong* mask);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    internal static partial int GetAffinity(int process, nuint bytes, ulong* mask);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    internal static partial int GetLimit(int which, ulong* limits);

    [LibraryImport("libc", EntryPoint = "sched_getcpu")]
    internal static partial int CurrentCpu();

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Spawn(out int process, string path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    internal static partial int InitializeActions(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    internal static partial int DestroyActions(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    internal static partial int AddDuplicate(void* actions, int file, int number);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclose")]
    internal static partial int AddClose(void* actions, int file);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    internal static partial int AddCloseFrom(void* actions, int file);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    internal static partial int InitializeAttributes(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    internal static partial int DestroyAttributes(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    internal static partial int SetAttributeFlags(void* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    internal static partial int SetAttributeGroup(void* attributes, int group);

    /// <summary>
    /// Gives a file a number above those that stubs are given, closed on exec; -1, with the error as the last one, if there is none.
    /// </summary>
    internal static int MoveUp(int file)
    {
        const int FirstFree = 48;
        int moved = file < 0 ? file : Control(file, DuplicateCloseOnExec, FirstFree);
        if (file >= 0)
            _ = Close(file);
        return moved;
    }

    /// <summary>Waits while the word holds a value, so long at most; may return early.</summary>
    internal static void Wait(uint* word, uint expected, TimeSpan most)
    {
        const int NanosecondsPerTick = 100;
        long seconds = most.Ticks / TimeSpan.TicksPerSecond;
        long* limit = stackalloc long[] { seconds, most.Ticks % TimeSpan.TicksPerSecond * NanosecondsPerTick }; // struct timespec
        Call(FutexNumber, (nint)word, FutexWait, (nint)expected, most == Timeout.InfiniteTimeSpan ? 0 : (nint)limit);
    }

    /// <summary>Wakes whoever waits on the word.</summary>
    internal static void Wake(uint* word) => CallQuickly(FutexNumber, (nint)word, FutexWake, int.MaxValue, 0);

    /// <summary>Sends a signal to a process's first thread.</summary>
    internal static void Signal(uint process, int signal) => CallQuickly(TgkillNumber, (nint)process, (nint)process, signal, 0);

    /// <summary>Whether the host gives a process a protection key.</summary>
    internal static bool HasProtectionKeys()
    {
        long key = Call(PkeyAllocNumber, 0, 0, 0, 0);
        return key > 0 && Call(PkeyFreeNumber, (nint)key, 0, 0, 0) == 0;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long Call(long number, nint a, nint b, nint c, nint d);

    /// <summary>A word of the auxiliary vector, getauxval(3).</summary>
    [LibraryImport("libc", EntryPoint = "getauxval")]
    internal static partial ulong Auxiliary(nuint type);

    /// <summary>A system call with up to five arguments; -1 if it fails.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial long Call(long number, nint a, nint b, nint c, nint d, nint e);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OpenAt(int folder, string name, int flags, int mode);

    // Does not wait: no reason to let the garbage collector in.
    [LibraryImport("libc", EntryPoint = "syscall")]
    [SuppressGCTransition]
    private static partial long CallQuickly(long number, nint a, nint b, nint c, nint d);
}
