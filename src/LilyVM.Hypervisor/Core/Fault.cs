namespace LilyVM.Hypervisor;

/// <summary>An exception that the guest is to get, before it is delivered.</summary>
internal struct Fault
{
    /// <summary>Exception vector (SDM vol. 3, table 6-1).</summary>
    public uint Vector;

    /// <summary>Error code, if the vector has one (<see cref="Vectors.HasErrorCode"/>).</summary>
    public uint ErrorCode;

    /// <summary>Linear address, for a page fault.</summary>
    public Word Address;
}
