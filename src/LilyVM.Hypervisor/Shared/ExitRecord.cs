using System.Runtime.InteropServices;

namespace LilyVM.Hypervisor.Shared;

/// <summary>
/// What an engine tells the VM process when it stops for it, beside why. The VM process may write anything here at any time.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ExitRecord
{
    /// <summary>With an exit for a port or a device: the access; the VM process puts what was read into its value.</summary>
    public Access Access;

    /// <summary>If the guest ended: why.</summary>
    public ShutdownReason Shutdown;

    /// <summary>With <see cref="ShutdownReason.TripleFault"/>: the exceptions that led to it.</summary>
    public FaultChain Faults;

    /// <summary>The guest's registers, for people to read.</summary>
    public GuestRegisters Registers;

    /// <summary>Model-specific registers that the guest asked for and that are not there.</summary>
    public UnknownMsrs UnknownMsrs;
}
