using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

/// <content>What the host is asked for.</content>
internal static unsafe partial class AddressSpace
{
    // Guest programs' pages that come and go together: Linux's fault-around, aligned as there.
    private const uint Window = 16;

    private static bool hasSecondFile;

    /// <summary>
    /// Opens guest RAM a second time. The host joins neighbouring mappings of one open file, and must split them again when a part is
    /// parked or comes back: two to three times the price of a change of rights. Mappings of two open files stay apart. Without /proc one
    /// file must do.
    /// </summary>
    public static void OpenSecondFile()
    {
        const int ReadAndWrite = 2; // O_RDWR
        fixed (byte* path = "/proc/self/fd/3\0"u8) // Layout.RamFile
            hasSecondFile = SetUp.Try(StubCall.Open, (ulong)path, ReadAndWrite) == Layout.SecondRamFile;
    }

    // Windows of programs lie in the one file and the other in turn.
    private static nint PlaceInWindows(uint page, uint count, uint gpa, bool writable)
    {
        if (!hasSecondFile || page >= Layout.ProgramEnd >> 12)
            return Place(Layout.RamFile, page, count, gpa, writable);
        uint first = page;
        while (count != 0)
        {
            uint part = Window - (page & (Window - 1));
            if (part > count)
                part = count;
            nint result = Place((page & Window) == 0 ? Layout.RamFile : Layout.SecondRamFile, page, part, gpa, writable);
            if (result != 0)
            {
                if (page != first)
                    Remove(first, page - first);
                return result;
            }
            page += part;
            gpa += part << 12;
            count -= part;
        }
        return 0;
    }

    private static nint Place(int file, uint page, uint count, uint gpa, bool writable)
    {
        This.Count(Counter.Mmaps);
        ulong address = Linear(page), rights = (ulong)(writable ? Host.ReadWriteExecute : Host.ReadExecute);
        nint result = Host.Call(Host.Mmap, address, (ulong)count << 12, rights, Host.Shared | Host.Fixed, (ulong)file, gpa);
        return result == (nint)address ? 0 : result;
    }

    private static int Rights(uint flags) => (flags & Writable) != 0 ? Host.ReadWriteExecute : Host.ReadExecute;

    private static void Protect(uint page, uint count, int rights)
    {
        This.Count(Counter.Mprotects);
        if (Host.Call(Host.Mprotect, Linear(page), (ulong)count << 12, (ulong)rights) != 0)
            Failure.Report(FailureCode.MapFailed, (ulong)page << 12, 0);
    }

    private static void Remove(uint page, uint count)
    {
        This.Count(Counter.Munmaps);
        if (Host.Call(Host.Munmap, Linear(page), (ulong)count << 12) != 0)
            Failure.Report(FailureCode.MapFailed, (ulong)page << 12, 1);
    }
}
