using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Shared;

namespace LilyVM.Engines.Common;

/// <summary>
/// What the VM process exchanges with every engine in the same form. What engines wrote may be anything: guests may have written it over.
/// </summary>
internal static unsafe class EngineExchange
{
    /// <summary>Writes down where the guest starts, and what CPUID tells it.</summary>
    internal static void Begin(in StartState start, GuestRegisters* registers, CpuidTable* cpuid)
    {
        const ulong ProtectedMode = 0x11, Paged = 0x8001_0000; // CR0.PE and ET; PG and WP
        const ulong AddressExtension = 0x20, LongMode = 0x500; // CR4.PAE; EFER.LME and LMA
        bool isWide = start.PageTables != 0;
        (*registers)[RegisterName.Ip] = start.Ip;
        (*registers)[RegisterName.Ax] = start.Ax;
        (*registers)[RegisterName.Bx] = start.Bx;
        (*registers)[RegisterName.Si] = start.Si;
        (*registers)[RegisterName.Sp] = start.Sp;
        (*registers)[RegisterName.Cr0] = ProtectedMode | (isWide ? Paged : 0);
        (*registers)[RegisterName.Cr3] = start.PageTables;
        (*registers)[RegisterName.Cr4] = isWide ? AddressExtension : 0;
        (*registers)[RegisterName.Efer] = isWide ? LongMode : 0;
        Fill(cpuid, start.Cpuid);
    }

    /// <summary>Writes down what CPUID tells.</summary>
    internal static void Fill(CpuidTable* cpuid, IReadOnlyList<CpuidEntry> entries)
    {
        if (entries.Count > CpuidTable.Capacity)
            throw new ArgumentException($"CPUID has {entries.Count} leaves; {CpuidTable.Capacity} fit.", nameof(entries));
        cpuid->Count = (uint)entries.Count;
        for (int i = 0; i < entries.Count; i++)
            *CpuidTable.At(cpuid, (uint)i) = entries[i];
    }

    /// <summary>Takes a posted write out as an exit; false if there is none.</summary>
    internal static bool TakePosted(PostedWrites* posted, ref Exit exit)
    {
        Access access;
        if (!PostedWrites.TryTake(posted, &access))
            return false;
        TakeAccess(&access, ref exit);
        return true;
    }

    /// <summary>The exit for an access.</summary>
    internal static void TakeAccess(Access* access, ref Exit exit)
    {
        exit.Reason = access->Kind switch
        {
            AccessKind.PortRead or AccessKind.PortReadString => ExitReason.PortRead,
            AccessKind.PortWrite or AccessKind.PortWriteString => ExitReason.PortWrite,
            AccessKind.DeviceRead => ExitReason.MemoryRead,
            _ => ExitReason.MemoryWrite,
        };
        exit.Address = access->Address;
        exit.Width = (int)access->Width;
        exit.Value = access->Value;
    }

    /// <summary>The exit for a guest's usual ends; false for others.</summary>
    internal static bool TakeShutdown(ExitRecord* record, ref Exit exit)
    {
        switch (record->Shutdown)
        {
            case ShutdownReason.TripleFault:
                exit.Reason = ExitReason.Reset;
                exit.TripleFault = TripleFault.Of(record);
                return true;
            case ShutdownReason.HaltedForEver:
                exit.Reason = ExitReason.Halted;
                return true;
            default:
                return false;
        }
    }

    /// <summary>The registers as of the last exit.</summary>
    internal static Registers Read(GuestRegisters* registers)
    {
        ulong Value(RegisterName name) => (*registers)[name];
        bool isWide = Value(RegisterName.Efer) != 0;
        return new Registers(
            isWide ? 64 : 32, [.. Enumerable.Range((int)RegisterName.Ax, isWide ? 16 : 8).Select(n => Value((RegisterName)n))],
            Value(RegisterName.Ip), Value(RegisterName.Flags), (uint)Value(RegisterName.Cs),
            [Value(RegisterName.Cr0), Value(RegisterName.Cr2), Value(RegisterName.Cr3), Value(RegisterName.Cr4)]);
    }
}
