namespace LilyVM.Hypervisor.Engines.User;

// Guest code runs as 64-bit code too: its calls come from other addresses than the stub's own. A guest that jumps into the stub may map its
// RAM below the stub, reserve addresses there without rights, and set what it may set without a system call.
internal static unsafe partial class FilterRules
{
    private const uint Key = 3; // an argument
    private const uint StubHigh = (uint)(Shared.User.Layout.Image >> 32);
    private const ulong SetGs = 0x1001, SetFs = 0x1002, Collapse = 25; // MADV_COLLAPSE

    /// <summary>Writes them.</summary>
    public static void Write(FilterWriter* filter)
    {
        filter->OtherArchitectures(FilterWriter.Trap); // INT 80h is an interrupt to a 64-bit guest
        filter->OtherAddresses(StubHigh, FilterWriter.Trap);

        uint call = filter->Call(Host.Mmap);
        uint reservation = filter->If(Flags, Host.Private | Host.Anonymous | Host.Fixed | Host.NoReserve);
        filter->Require(Protection, Host.NoAccess);
        filter->RequireRangeBelow(StubHigh);
        filter->End(reservation, FilterWriter.Allow);
        filter->Require(Flags, Ram, Ram | Host.Populate);
        filter->Require(File, Shared.User.Layout.RamFile);
        filter->RequireBelow(Protection, Rights);
        filter->RequireRangeBelow(StubHigh);
        filter->End(call, FilterWriter.Allow);

        Changes(filter, StubHigh);

        call = filter->Call(Host.PkeyMprotect);
        filter->RequireBelow(Protection, Rights);
        filter->RequireBelow(Key, Shared.User.ProtectionKeys.Kernel + 1);
        filter->RequireRangeBelow(StubHigh);
        filter->End(call, FilterWriter.Allow);

        call = filter->Call(Host.ArchPrctl);
        filter->Require(First, SetFs, SetGs);
        filter->End(call, FilterWriter.Allow);

        call = filter->Call(Host.Madvise);
        filter->Require(Third, Collapse); // takes no more memory than the guest may have, nor gives any away
        filter->End(call, FilterWriter.Allow);

        Rest(filter);
    }
}
