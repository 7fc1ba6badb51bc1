using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Shared;

namespace LilyVM.Engines.Common;

/// <summary>What the VM process exchanges with every engine in the same form. What engines wrote may be anything: guests may have written it over.</summary>
internal static unsafe class EngineExchange
{
    /// <summary>Writes down where the guest starts, and what CPUID tells it.</summary>
    internal static void Begin(in StartState start, GuestRegisters* registers, CpuidTable* cpuid)
    {
        const uint ProtectedMode = 0x11; // CR0.PE and ET
        (*registers)[RegisterName.Ip] = start.Eip;
        (*registers)[RegisterName.Ax] = start.Eax;
        (*registers)[RegisterName.Bx] = start.Ebx;
        (*registers)[RegisterName.Si] = start.Esi;
        (*registers)[RegisterName.Sp] = start.Esp;
        (*registers)[RegisterName.Cr0] = ProtectedMode;
        if (start.Cpuid.Count > CpuidTable.Capacity)
            throw new ArgumentException($"CPUID has {start.Cpuid.Count} leaves; {CpuidTable.Capacity} fit.", nameof(start));
        cpuid->Count = (uint)start.Cpuid.Count;
        for (int i = 0; i < start.Cpuid.Count; i++)
            *CpuidTable.At(cpuid, (uint)i) = start.Cpuid[i];
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
        return new Registers(
            32, [.. Enumerable.Range((int)RegisterName.Ax, 8).Select(n => Value((RegisterName)n))], Value(RegisterName.Ip), Value(RegisterName.Flags), (uint)Value(RegisterName.Cs),
            [Value(RegisterName.Cr0), Value(RegisterName.Cr2), Value(RegisterName.Cr3), Value(RegisterName.Cr4)]);
    }
}
