using System.Runtime.InteropServices;

namespace LilyVM.Engines.User;

/// <summary>
/// A file in memory that the host gives in pages of 2 MiB, as it is touched: one of a tmpfs mounted for it alone with <c>huge=always</c>, which is nowhere in
/// the file system and goes with the file (fsopen(2), fsmount(2); Linux 5.2 and later). Mounting takes CAP_SYS_ADMIN.
/// </summary>
internal static unsafe class LargePageFile
{
    private const long FsOpen = 430, FsConfig = 431, FsMount = 432;
    private const nint CloseOnExecContext = 1, SetString = 1, Create = 6;
    private const int Directory = 0x41_0000, ReadWrite = 2, CloseOnExec = 0x8_0000; // O_TMPFILE with O_DIRECTORY
    private const long Spare = 16 << 20;

    /// <summary>Opens one for so many bytes; -1 if this host or this user cannot.</summary>
    internal static int TryOpen(long bytes)
    {
        int context = (int)Call(FsOpen, "tmpfs", CloseOnExecContext);
        if (context < 0)
            return -1;
        string size = (bytes + Spare).ToString(System.Globalization.CultureInfo.InvariantCulture);
        int mount = Set(context, "huge", "always") && Set(context, "size", size) && HostCalls.Call(FsConfig, context, Create, 0, 0, 0) == 0
            ? (int)HostCalls.Call(FsMount, context, CloseOnExecContext, 0, 0, 0)
            : -1;
        _ = HostCalls.Close(context);
        if (mount < 0)
            return -1;
        int file = HostCalls.OpenAt(mount, ".", Directory | ReadWrite | CloseOnExec, 0x180);
        _ = HostCalls.Close(mount);
        return file;
    }

    private static bool Set(int context, string key, string value)
    {
        nint name = Marshal.StringToCoTaskMemUTF8(key), text = Marshal.StringToCoTaskMemUTF8(value);
        try
        {
            return HostCalls.Call(FsConfig, context, SetString, name, text, 0) == 0;
        }
        finally
        {
            Marshal.FreeCoTaskMem(name);
            Marshal.FreeCoTaskMem(text);
        }
    }

    private static long Call(long number, string text, nint flags)
    {
        nint memory = Marshal.StringToCoTaskMemUTF8(text);
        try
        {
            return HostCalls.Call(number, memory, flags, 0, 0, 0);
        }
        finally
        {
            Marshal.FreeCoTaskMem(memory);
        }
    }
}
