namespace LilyVM.Hypervisor.Engines.User;

/// <summary>What became of an attempt to map a page.</summary>
internal enum MapResult
{
    /// <summary>It is mapped.</summary>
    Mapped,

    /// <summary>The guest's tables refuse it; the fault is in the vCPU.</summary>
    Fault,

    /// <summary>It is no RAM: an access to a device, at <see cref="AddressSpace.DeviceAddress"/>.</summary>
    Device,

    /// <summary>It is RAM at an address that the host does not give.</summary>
    Unmappable,
}
