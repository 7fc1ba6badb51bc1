namespace LilyVM.Hypervisor.Engines.User;

// Guest code runs as 64-bit code too: its calls come from other addresses than the stub's own. A guest that jumps into the stub may map its
// RAM below the stub, reserve addresses there without rights, and set what it may set without a system call.
internal static unsafe partial class FilterRules
{
    private const uint Key = 3; // an argument
    private const uint StubHigh = (uint)(Shared.User.Layout.Image >> 32);
    private const ulong SetGs = 0x1001, SetFs = 0x1002, Collapse = 25; // MADV_COLLAPSE

    private const uint Secret = 4; // an argument, whose upper half the host's kernel does not look at

    /// <summary>Writes them. Programs is the process that this stub may interrupt, or 0.</summary>
    public static void Write(FilterWriter* filter, uint programs)
    {
        filter->OtherArchitectures(FilterWriter.Trap); // INT 80h is an interrupt to a 64-bit guest
        filter->OtherAddresses(StubHigh, FilterWriter.Trap);

        uint call = filter->Call(Host.Mmap);
        Mappings(filter, call);

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

        if (programs != 0)
        {
            const uint Kick = 10; // SIGUSR1
            call = filter->Call(Host.Tgkill);
            filter->Require(First, programs);
            filter->Require(Second, programs);
            filter->Require(Third, Kick);
            filter->End(call, FilterWriter.Allow);
        }
        Rest(filter);
    }

    /// <summary>
    /// Those of a process of programs. All that maps wants the secret, and so does the return from a signal, which could block signals. The
    /// process's first calls are among them, which take away what it has of the stub.
    /// </summary>
    public static void WriteForPrograms(FilterWriter* filter, uint secret)
    {
        filter->OtherArchitectures(FilterWriter.Trap);
        filter->OtherAddresses(StubHigh, FilterWriter.Trap);

        uint call = filter->Call(Host.Mmap);
        filter->RequireUpper(Secret, secret);
        Mappings(filter, call);

        call = filter->Call(Host.Mprotect);
        filter->RequireUpper(Secret, secret);
        filter->RequireBelow(Protection, Rights);
        filter->RequireRangeBelow(StubHigh);
        filter->End(call, FilterWriter.Allow);

        call = filter->Call(Host.Munmap);
        filter->RequireUpper(Secret, secret);
        filter->End(call, FilterWriter.Allow);

        call = filter->Call(Host.SignalReturn);
        filter->RequireUpper(Secret, secret);
        filter->End(call, FilterWriter.Allow);

        Waits(filter);
        call = filter->Call(Host.ArchPrctl);
        filter->Require(First, SetFs, SetGs);
        filter->End(call, FilterWriter.Allow);
        filter->End(filter->Call(Host.ExitGroup), FilterWriter.Allow);
        filter->End(FilterWriter.Kill);
    }

    // The rest of mmap's block: addresses are reserved, or RAM is mapped.
    private static void Mappings(FilterWriter* filter, uint call)
    {
        uint reservation = filter->If(Flags, Host.Nothing);
        filter->Require(Protection, Host.NoAccess);
        filter->RequireRangeBelow(StubHigh);
        filter->End(reservation, FilterWriter.Allow);
        filter->Require(Flags, Ram, Ram | Host.Populate);
        filter->Require(File, Shared.User.Layout.RamFile);
        filter->RequireBelow(Protection, Rights);
        filter->RequireRangeBelow(StubHigh);
        filter->End(call, FilterWriter.Allow);
    }
}
