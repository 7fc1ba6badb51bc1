using System.Runtime.InteropServices;

namespace LilyVM.Engines.User;

/// <summary>A file without a name that lies in memory only and is mapped here whole. Its descriptor is above those that a stub is given.</summary>
internal sealed unsafe class MemoryFile : IDisposable
{
    private const int FirstFree = 16, NotPermitted = 1, InvalidArgument = 22, TooManyFiles = 24, NoSuchCall = 38; // EPERM, EINVAL, EMFILE, ENOSYS
    private nint start;

    /// <summary>Makes one of so many bytes, filled with zeros; in pages of 2 MiB if that is wanted and this host gives them.</summary>
    internal MemoryFile(string name, long size, bool wantsLargePages = false)
    {
        Size = size;
        int file = wantsLargePages ? LargePageFile.TryOpen(size) : -1;
        HasLargePages = file >= 0;
        if (file < 0)
            file = HostCalls.CreateMemoryFile(name, HostCalls.CloseOnExec);
        if (file < 0 && Marshal.GetLastPInvokeError() is NotPermitted or NoSuchCall)
            throw new LilyVMException(HostNeeds.MemoryFiles);
        Descriptor = file < 0 ? file : HostCalls.Control(file, HostCalls.DuplicateCloseOnExec, FirstFree);
        if (file >= 0)
            _ = HostCalls.Close(file);
        // fcntl(2) says EINVAL if the limit is below the number that was asked for.
        if (Descriptor < 0 && Marshal.GetLastPInvokeError() is InvalidArgument or TooManyFiles)
            throw new LilyVMException("This process may not open as many files as a machine needs; raise the limit (`ulimit -n 1024`).");
        if (Descriptor < 0 || HostCalls.SetSize(Descriptor, size) != 0 || (start = HostCalls.Map(0, (nuint)size, HostCalls.ReadWrite, HostCalls.Shared, Descriptor, 0)) == -1)
        {
            string why = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
            start = 0;
            Dispose();
            throw new LilyVMException($"The host gives no {size >> 20} MiB of memory to the guest: {why}.");
        }
    }

    /// <summary>Bytes.</summary>
    internal long Size { get; }

    /// <summary>Whether the host was asked for pages of 2 MiB in a way that it takes.</summary>
    internal bool HasLargePages { get; }

    /// <summary>File descriptor, closed on exec.</summary>
    internal int Descriptor { get; private set; }

    /// <summary>Its bytes.</summary>
    internal byte* Start => (byte*)start;

    /// <summary>Unmaps and closes it.</summary>
    public void Dispose()
    {
        if (start != 0)
            _ = HostCalls.Unmap(start, (nuint)Size);
        start = 0;
        if (Descriptor >= 0)
            _ = HostCalls.Close(Descriptor);
        Descriptor = -1;
    }
}
