namespace LilyVM.Hypervisor.Engines;

/// <summary>Indices into the table of addresses in native/entry/kernel/ia32/helpers.S.</summary>
internal enum AssemblyAddress : uint
{
    Gdt,
    Ldt,
    Fpu,
    Iretq,
    ResumeRefused,
    SystemCallStart,
    SystemCallEnd,
    SystemCallSlowly,
    PageFaultStart,
    PageFaultEnd,
    PageFaultSlowly,
    StateProbe,
    StateTrapped,
    FpuStart,
    FpuEnd,
}
