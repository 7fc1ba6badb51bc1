using System.Runtime.InteropServices;

namespace LilyVM.Engines.User;

/// <summary>
/// A tmpfs whose files the host gives in pages of 2 MiB, as they are touched (<c>huge=always</c>): a mount that is nowhere in the file system (fsopen(2), fsmount(2);
/// Linux 5.2 and later). Mounting takes CAP_SYS_ADMIN, which a helper has in a user namespace of its own.
/// </summary>
internal static unsafe class LargePageMount
{
    private const string Helper = "stub-x64.elf";
    private const long FsOpen = 430, FsConfig = 431, FsMount = 432;
    private const nint CloseOnExecMount = 1, SetString = 1, Create = 6;

    /// <summary>Its descriptor, closed on exec; -1 if this process may not mount, or the host has no large pages.</summary>
    internal static int TryOpen()
    {
        int context = (int)Call(FsOpen, "tmpfs", CloseOnExecMount);
        if (context < 0)
            return -1;
        int mount = Set(context, "huge", "always") && Set(context, "size", "0") && HostCalls.Call(FsConfig, context, Create, 0, 0, 0) == 0
            ? (int)HostCalls.Call(FsMount, context, CloseOnExecMount, 0, 0, 0)
            : -1;
        _ = HostCalls.Close(context);
        return mount;
    }

    /// <summary>The same by a helper; -1 if the host gives ordinary users no user namespaces, or no rights in them.</summary>
    internal static int TryOpenInNamespace()
    {
        if (!DescriptorSocket.TryMakePair(out int mine, out int its))
            return -1;
        int error = StubImage.Spawn(Helper, [its], "mount", out int process);
        _ = HostCalls.Close(its); // so that the helper's end is the end of what can be received
        int mount = error == 0 ? DescriptorSocket.Receive(mine) : -1;
        _ = HostCalls.Close(mine);
        if (error == 0)
            StubImage.Wait(process);
        return mount;
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
