namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// Numbers of model-specific registers (SDM vol. 4, tables 2-2 and 2-20; AMD64 Architecture Programmer's Manual vol. 2, appendix A, and the
/// BIOS and Kernel Developer's Guides of families 0Fh and 10h). Of a range, its first one. docs/msr.md takes its names from these.
/// </summary>
internal enum Msr : uint
{
    /// <summary>Address and type of the last machine check, as the Pentium has them.</summary>
    MachineCheckAddress = 0x0,

    /// <summary>The time-stamp counter.</summary>
    TimeStampCounter = 0x10,

    /// <summary>Which socket the processor is for.</summary>
    PlatformId = 0x17,

    /// <summary>Where the local APIC is, and whether it is on.</summary>
    ApicBase = 0x1B,

    /// <summary>Bus options at power-on.</summary>
    PowerOnConfiguration = 0x2A,

    /// <summary>Loads a microcode update.</summary>
    MicrocodeUpdate = 0x79,

    /// <summary>Revision of the microcode.</summary>
    MicrocodeRevision = 0x8B,

    /// <summary>How many memory type range registers there are.</summary>
    MemoryTypeCapabilities = 0xFE,

    /// <summary>L2 cache control of a Pentium II, with the serial number's switch.</summary>
    CacheControl = 0x119,

    /// <summary>CS, ESP and EIP of SYSENTER.</summary>
    SystemEnter = 0x174,

    /// <summary>How many machine check banks there are.</summary>
    MachineCheckCapabilities = 0x179,

    /// <summary>State of a machine check, and what is reported.</summary>
    MachineCheckStatus = 0x17A,

    /// <summary>Current and wanted operating point.</summary>
    PerformanceStatus = 0x198,

    /// <summary>Clock modulation, thermal interrupt and thermal status.</summary>
    ThermalControl = 0x19A,

    /// <summary>Features that are on.</summary>
    MiscellaneousEnable = 0x1A0,

    /// <summary>Branch records and single steps at branches.</summary>
    DebugControl = 0x1D9,

    /// <summary>The last branch and the last one before an exception.</summary>
    LastBranch = 0x1DB,

    /// <summary>Pairs of base and mask of variable memory type ranges.</summary>
    VariableMemoryTypes = 0x200,

    /// <summary>Memory types of the first 512 KiB.</summary>
    FixedMemoryTypes64K = 0x250,

    /// <summary>Memory types of 512 KiB to 768 KiB.</summary>
    FixedMemoryTypes16K = 0x258,

    /// <summary>Memory types of 768 KiB to 1 MiB.</summary>
    FixedMemoryTypes4K = 0x268,

    /// <summary>Memory types by page attributes.</summary>
    PageAttributes = 0x277,

    /// <summary>The memory type of all else.</summary>
    DefaultMemoryType = 0x2FF,

    /// <summary>EFER.</summary>
    ExtendedFeatures = 0xC000_0080,

    /// <summary>STAR, LSTAR, CSTAR and the flag mask of SYSCALL.</summary>
    SystemCallTargets = 0xC000_0081,

    /// <summary>SYSCFG.</summary>
    SystemConfiguration = 0xC001_0010,

    /// <summary>HWCR.</summary>
    HardwareConfiguration = 0xC001_0015,

    /// <summary>Base and mask of the two I/O ranges.</summary>
    IoRanges = 0xC001_0016,

    /// <summary>TOP_MEM.</summary>
    TopOfMemory = 0xC001_001A,

    /// <summary>TOP_MEM2.</summary>
    TopOfMemory2 = 0xC001_001D,

    /// <summary>NB_CFG.</summary>
    NorthbridgeConfiguration = 0xC001_001F,

    /// <summary>Loads a microcode update.</summary>
    PatchLoader = 0xC001_0020,

    /// <summary>Interrupt pending and C1E.</summary>
    InterruptPendingMessage = 0xC001_0055,

    /// <summary>Where configuration space lies in memory.</summary>
    ConfigurationSpaceBase = 0xC001_0058,

    /// <summary>SMM's base address, and its TSEG's base and mask.</summary>
    SystemManagement = 0xC001_0111,

    /// <summary>VM_CR.</summary>
    VirtualMachineControl = 0xC001_0114,

    /// <summary>VM_HSAVE_PA.</summary>
    VirtualMachineHostSave = 0xC001_0117,

    /// <summary>Load-store, instruction cache, data cache and bus unit configuration.</summary>
    UnitConfiguration = 0xC001_1020,

    /// <summary>DE_CFG.</summary>
    DecodeConfiguration = 0xC001_1029,

    /// <summary>BU_CFG2.</summary>
    BusUnitConfiguration2 = 0xC001_102A,

    /// <summary>EX_CFG and LS_CFG2.</summary>
    ExecutionConfiguration = 0xC001_102C,
}
