namespace LilyVM.Hypervisor.Emulation;

/// <summary>Whose processors have a register.</summary>
internal enum MsrVendor : uint
{
    /// <summary>Everybody's.</summary>
    Any,

    /// <summary>Intel's, and those that CPUID does not call AMD's.</summary>
    Intel,

    /// <summary>AMD's and Hygon's.</summary>
    Amd,
}

/// <summary>What WRMSR does.</summary>
internal enum MsrWrite : uint
{
    /// <summary>#GP(0): the register is read-only.</summary>
    Refused,

    /// <summary>Takes the value that RDMSR shows; any other is #GP(0).</summary>
    Same,

    /// <summary>Takes any value, without effect.</summary>
    Dropped,

    /// <summary>Takes any value, which RDMSR shows from then on, without another effect.</summary>
    Kept,

    /// <summary>Takes any value, without effect; RDMSR is #GP(0).</summary>
    WriteOnly,
}

/// <summary>
/// The model-specific registers that kernels touch without being told by CPUID, or that belong to what it tells, and how a machine without
/// the features behind them answers. A register that is not here is #GP(0), which kernels take as "not there", and is counted. Values are
/// those of QEMU's processors where a real one has the choice. docs/msr.md is checked against this table.
/// </summary>
internal static class MsrTable
{
    /// <summary>Bytes of EDX:EAX that are kept for <see cref="MsrWrite.Kept"/>, in units of 8.</summary>
    public const int KeptCount = 4;

    private const int Columns = 6, LastColumn = 1, VendorColumn = 2, LowColumn = 3, HighColumn = 4, WriteColumn = 5;

    private const uint Any = (uint)MsrVendor.Any, Intel = (uint)MsrVendor.Intel, Amd = (uint)MsrVendor.Amd;
    private const uint Refused = (uint)MsrWrite.Refused, Same = (uint)MsrWrite.Same, Dropped = (uint)MsrWrite.Dropped,
        Kept = (uint)MsrWrite.Kept,
        WriteOnly = (uint)MsrWrite.WriteOnly;

    private const uint ApicOff = 0xFEE0_0100; // at its usual place, of the boot processor, with the APIC off
    private const uint FirstRevision = 1, AmdRevision = 0x0100_0065; // as QEMU and KVM have them
    private const uint FastStrings = 1;
    private const uint Bus1000 = 1000, Ratio4 = 4 << 8; // what QEMU and KVM answer, for kernels that divide by it
    private const uint UsualAttributes = 0x0007_0406; // SDM vol. 3, table 11-12

    // First, last, vendor, EAX, EDX, write; ascending. The time-stamp counter's value is the engine's.
    private static ReadOnlySpan<uint> Rows =>
    [
        (uint)Msr.MachineCheckAddress, 0x1, Any, 0, 0, Dropped,
        (uint)Msr.TimeStampCounter, 0x10, Any, 0, 0, Dropped,
        (uint)Msr.PlatformId, 0x17, Intel, 0, 0, Refused,
        (uint)Msr.ApicBase, 0x1B, Any, ApicOff, 0, Dropped,
        (uint)Msr.PowerOnConfiguration, 0x2A, Intel, 0, 0, Dropped,
        (uint)Msr.MicrocodeUpdate, 0x79, Intel, 0, 0, WriteOnly,
        (uint)Msr.MicrocodeRevision, 0x8B, Intel, 0, FirstRevision, Dropped,
        (uint)Msr.MicrocodeRevision, 0x8B, Amd, AmdRevision, 0, Dropped,
        (uint)Msr.MemoryTypeCapabilities, 0xFE, Any, 0, 0, Refused,
        (uint)Msr.CacheControl, 0x119, Intel, 0, 0, Dropped,
        (uint)Msr.SystemEnter, 0x176, Any, 0, 0, Kept,
        (uint)Msr.MachineCheckCapabilities, 0x179, Any, 0, 0, Refused,
        (uint)Msr.MachineCheckStatus, 0x17B, Any, 0, 0, Dropped,
        (uint)Msr.PerformanceStatus, 0x198, Intel, Bus1000, Ratio4, Refused,
        (uint)Msr.ThermalControl, 0x19C, Intel, 0, 0, Dropped,
        (uint)Msr.MiscellaneousEnable, 0x1A0, Any, FastStrings, 0, Dropped,
        (uint)Msr.DebugControl, 0x1D9, Any, 0, 0, Dropped,
        (uint)Msr.LastBranch, 0x1DE, Any, 0, 0, Refused,
        (uint)Msr.VariableMemoryTypes, 0x20F, Any, 0, 0, Dropped,
        (uint)Msr.FixedMemoryTypes64K, 0x250, Any, 0, 0, Dropped,
        (uint)Msr.FixedMemoryTypes16K, 0x259, Any, 0, 0, Dropped,
        (uint)Msr.FixedMemoryTypes4K, 0x26F, Any, 0, 0, Dropped,
        (uint)Msr.PageAttributes, 0x277, Any, UsualAttributes, UsualAttributes, Kept,
        (uint)Msr.DefaultMemoryType, 0x2FF, Any, 0, 0, Dropped,
        (uint)Msr.ExtendedFeatures, 0xC000_0080, Any, 0, 0, Same,
        (uint)Msr.SystemCallTargets, 0xC000_0084, Any, 0, 0, Dropped,
        (uint)Msr.SystemConfiguration, 0xC001_0010, Amd, 0, 0, Dropped,
        (uint)Msr.HardwareConfiguration, 0xC001_0015, Amd, 0, 0, Dropped,
        (uint)Msr.IoRanges, 0xC001_0019, Amd, 0, 0, Dropped,
        (uint)Msr.TopOfMemory, 0xC001_001A, Amd, 0, 0, Dropped,
        (uint)Msr.TopOfMemory2, 0xC001_001D, Amd, 0, 0, Dropped,
        (uint)Msr.NorthbridgeConfiguration, 0xC001_001F, Amd, 0, 0, Dropped,
        (uint)Msr.PatchLoader, 0xC001_0020, Amd, 0, 0, WriteOnly,
        (uint)Msr.InterruptPendingMessage, 0xC001_0055, Amd, 0, 0, Dropped,
        (uint)Msr.ConfigurationSpaceBase, 0xC001_0058, Amd, 0, 0, Dropped,
        (uint)Msr.SystemManagement, 0xC001_0113, Amd, 0, 0, Dropped,
        (uint)Msr.VirtualMachineControl, 0xC001_0114, Amd, 0, 0, Dropped,
        (uint)Msr.VirtualMachineHostSave, 0xC001_0117, Amd, 0, 0, Refused,
        (uint)Msr.UnitConfiguration, 0xC001_1023, Amd, 0, 0, Dropped,
        (uint)Msr.DecodeConfiguration, 0xC001_1029, Amd, 0, 0, Dropped,
        (uint)Msr.BusUnitConfiguration2, 0xC001_102A, Amd, 0, 0, Dropped,
        (uint)Msr.ExecutionConfiguration, 0xC001_102D, Amd, 0, 0, Dropped,
    ];

    /// <summary>How many rows there are.</summary>
    public static int Count => Rows.Length / Columns;

    /// <summary>The first number of a row.</summary>
    public static uint First(int row) => Rows[row * Columns];

    /// <summary>The last number of a row.</summary>
    public static uint Last(int row) => Rows[row * Columns + LastColumn];

    /// <summary>Whose processors have it.</summary>
    public static MsrVendor Vendor(int row) => (MsrVendor)Rows[row * Columns + VendorColumn];

    /// <summary>EAX after RDMSR.</summary>
    public static uint Low(int row) => Rows[row * Columns + LowColumn];

    /// <summary>EDX after RDMSR.</summary>
    public static uint High(int row) => Rows[row * Columns + HighColumn];

    /// <summary>What WRMSR does.</summary>
    public static MsrWrite Write(int row) => (MsrWrite)Rows[row * Columns + WriteColumn];

    /// <summary>The row of a register of such a processor; -1 if there is none.</summary>
    public static int Find(uint number, MsrVendor processor)
    {
        for (int row = 0; row < Count; row++)
        {
            if (number >= First(row) && number <= Last(row) && (Vendor(row) == MsrVendor.Any || Vendor(row) == processor))
                return row;
        }
        return -1;
    }

    /// <summary>Where the value of a kept register is among those of the vCPU.</summary>
    public static int KeptIndex(uint number, int row)
    {
        int index = (int)(number - First(row));
        for (int before = 0; before < row; before++)
        {
            if (Write(before) == MsrWrite.Kept)
                index += (int)(Last(before) - First(before)) + 1;
        }
        return index;
    }
}
