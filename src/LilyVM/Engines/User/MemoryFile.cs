using System.Runtime.InteropServices;

namespace LilyVM.Engines.User;

/// <summary>
/// A file without a name that lies in memory only and is mapped here whole. Its descriptor is above those that a stub is given.
/// </summary>
internal sealed unsafe class MemoryFile : IDisposable
{
    private const int NotPermitted = 1, InvalidArgument = 22, TooManyFiles = 24, NoSuchCall = 38; // EPERM, EINVAL, EMFILE, ENOSYS
    private const long LargePage = 2 << 20;
    private nint start;

    /// <summary>
    /// Makes one of so many bytes, filled with zeros; in the host's small pages unless <paramref name="files"/> says otherwise.
    /// </summary>
    internal MemoryFile(string name, long size, RamFiles? files = null)
    {
        Size = size;
        int file = files is null ? HostCalls.CreateMemoryFile(name, HostCalls.CloseOnExec) : files.Create(name);
        if (file < 0 && Marshal.GetLastPInvokeError() is NotPermitted or NoSuchCall)
            throw new LilyVMException(HostNeeds.MemoryFiles);
        Descriptor = HostCalls.MoveUp(file);
        // fcntl(2) says EINVAL if the limit is below the number that was asked for.
        if (Descriptor < 0 && Marshal.GetLastPInvokeError() is InvalidArgument or TooManyFiles)
            throw new LilyVMException("This process may not open as many files as a machine needs; raise the limit (`ulimit -n 1024`).");
        if (Descriptor < 0 || HostCalls.SetSize(Descriptor, size) != 0 || (start = Map()) == -1)
        {
            string why = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
            start = 0;
            Dispose();
            throw new LilyVMException($"The host gives no {size >> 20} MiB of memory to the guest: {why}.");
        }
    }

    /// <summary>Bytes.</summary>
    internal long Size { get; }

    /// <summary>File descriptor, closed on exec.</summary>
    internal int Descriptor { get; private set; }

    /// <summary>Its bytes.</summary>
    internal byte* Start => (byte*)start;

    /// <summary>How much memory of the host it holds, in bytes: what was touched.</summary>
    internal long TakenBytes()
    {
        const long Status = 5; // fstat
        const int StatusWords = 18, Blocks = 8, BlockSize = 512; // struct stat, st_blocks, stat(2)
        long* status = stackalloc long[StatusWords];
        return HostCalls.Call(Status, Descriptor, (nint)status, 0, 0, 0) == 0 ? status[Blocks] * BlockSize : 0;
    }

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

    // Large pages are mapped as such only where address and offset agree on their lowest bits.
    private nint Map()
    {
        if (Size < LargePage)
            return HostCalls.Map(0, (nuint)Size, HostCalls.ReadWrite, HostCalls.Shared, Descriptor, 0);
        nint room = HostCalls.Map(0, (nuint)(Size + LargePage), 0, HostCalls.Reserved, -1, 0);
        if (room == -1)
            return room;
        nint aligned = (room + (nint)LargePage - 1) & ~((nint)LargePage - 1), end = aligned + (nint)((Size + 0xFFF) & ~0xFFF);
        nint mapped = HostCalls.Map(aligned, (nuint)Size, HostCalls.ReadWrite, HostCalls.Shared | HostCalls.Fixed, Descriptor, 0);
        nint used = mapped == -1 ? room : end, rest = room + (nint)((Size + LargePage + 0xFFF) & ~0xFFF);
        int error = Marshal.GetLastPInvokeError();
        if (mapped != -1 && aligned != room)
            _ = HostCalls.Unmap(room, (nuint)(aligned - room));
        if (used != rest)
            _ = HostCalls.Unmap(used, (nuint)(rest - used));
        Marshal.SetLastPInvokeError(error);
        return mapped;
    }
}
