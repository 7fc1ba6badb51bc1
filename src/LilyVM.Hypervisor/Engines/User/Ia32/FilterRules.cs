namespace LilyVM.Hypervisor.Engines.User;

// The guest's calls are those of 32-bit code. A program that escapes from its segments into 64-bit code may map guest RAM and what stubs
// share below 4 GiB, and write entries of its LDT.
internal static unsafe partial class FilterRules
{
    private const uint End32 = 1; // 4 GiB
    private const ulong WriteEntry = 0x11, EntryBytes = 16; // of modify_ldt(2)

    /// <summary>Writes them.</summary>
    public static void Write(FilterWriter* filter)
    {
        filter->OtherArchitectures(FilterWriter.Trap);

        uint call = filter->Call(Host.Mmap);
        filter->Require(Flags, Ram);
        filter->Require(File, Shared.User.Layout.RamFile, Shared.User.Layout.SecondRamFile, Shared.User.Layout.MachineFileDescriptor);
        filter->RequireBelow(Protection, Rights);
        filter->RequireRangeBelow(End32);
        filter->End(call, FilterWriter.Allow);

        Changes(filter, End32);

        call = filter->Call(Host.ModifyLdt);
        filter->Require(First, WriteEntry);
        filter->Require(Third, EntryBytes);
        filter->End(call, FilterWriter.Allow);

        Rest(filter);
    }
}
