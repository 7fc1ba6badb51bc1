using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Native;

/// <summary>
/// A file without a name that a child process gets from us by its number: nothing lies in a folder that could be missing, have an awkward
/// name or be left behind. It must be disposed once the child has started, or later children would get it too.
/// </summary>
internal sealed partial class InheritedFile : IDisposable
{
    private const int UnixDomain = 1, Stream = 1, CloseOnExecSocket = 0x80000; // AF_UNIX, SOCK_STREAM, SOCK_CLOEXEC
    private const int Duplicate = 0, SetFlags = 2, CloseOnExecFlag = 1; // F_DUPFD, F_SETFD, FD_CLOEXEC

    private readonly SafeFileHandle handle;

    private InheritedFile(SafeFileHandle handle) => this.handle = handle;

    /// <summary>Its number, in this process and in the child.</summary>
    internal int Number => (int)handle.DangerousGetHandle();

    /// <summary>What the child opens it by.</summary>
    internal string Path => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/self/fd/{Number}");

    /// <summary>A file in memory with these bytes.</summary>
    internal static InheritedFile Of(string name, ReadOnlySpan<byte> bytes)
    {
        var file = new InheritedFile(new SafeFileHandle(Checked(MemoryFile(name, 0)), ownsHandle: true));
        RandomAccess.Write(file.handle, bytes, 0);
        return file;
    }

    /// <summary>One end of a stream of bytes in both directions; <paramref name="ours"/> is the other.</summary>
    internal static InheritedFile Connected(out SafeFileHandle ours)
    {
        (ours, SafeFileHandle its) = Pair();
        _ = Control((int)its.DangerousGetHandle(), SetFlags, 0);
        return new InheritedFile(its);
    }

    /// <summary>Both ends of such a stream, which no child gets by itself.</summary>
    internal static (SafeFileHandle One, SafeFileHandle Other) Pair()
    {
        int[] ends = new int[2];
        Checked(SocketPair(UnixDomain, Stream | CloseOnExecSocket, 0, ends));
        return (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));
    }

    /// <summary>Another number for a file of ours.</summary>
    internal static InheritedFile CopyOf(int number) => new(new SafeFileHandle(Checked(Control(number, Duplicate, 0)), ownsHandle: true));

    /// <summary>All of it as text.</summary>
    internal string ReadText()
    {
        byte[] bytes = new byte[RandomAccess.GetLength(handle)];
        int count = RandomAccess.Read(handle, bytes, 0);
        return Encoding.Latin1.GetString(bytes, 0, count);
    }

    /// <summary>Keeps it from children that start later.</summary>
    internal void CloseOnExec() => _ = Control(Number, SetFlags, CloseOnExecFlag);

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private static int Checked(int result) => result >= 0
        ? result
        : throw new LilyVMException($"The host gives no more files: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPair(int domain, int type, int protocol, [Out] int[] ends);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int file, int command, nint argument);
}
