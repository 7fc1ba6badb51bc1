namespace LilyVM.Hypervisor;

/// <summary>What an access of the guest to a port or a device does.</summary>
internal enum AccessKind : uint
{
    /// <summary>IN: the value goes to the low part of EAX.</summary>
    PortRead,

    /// <summary>OUT.</summary>
    PortWrite,

    /// <summary>INS: the value goes to memory.</summary>
    PortReadString,

    /// <summary>OUTS.</summary>
    PortWriteString,

    /// <summary>A load from a guest physical address that is not RAM.</summary>
    DeviceRead,

    /// <summary>A store to one.</summary>
    DeviceWrite,
}

/// <summary>
/// One access of the guest to a port or a device. The emulator fills it in; the engine carries it out (in the core or by an exit), puts
/// what was read into <see cref="Value"/> and calls <see cref="Emulation.Accesses.Complete"/>, which changes the guest's registers.
/// </summary>
internal struct Access
{
    /// <summary>What it does.</summary>
    public AccessKind Kind;

    /// <summary>Bytes: 1, 2, 4 or 8.</summary>
    public uint Width;

    /// <summary>Port, or guest physical address.</summary>
    public ulong Address;

    /// <summary>What is written; or what was read, by whoever carried the access out.</summary>
    public ulong Value;

    /// <summary>For the emulator: how to finish the instruction.</summary>
    public uint Destination, Flags;

    /// <summary>For the emulator: where the guest goes on, and the other operand.</summary>
    public ulong NextIp, Memory;
}
