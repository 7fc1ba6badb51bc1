using System.Runtime.Intrinsics.X86;
using LilyVM.Hypervisor.Shared.User;

namespace LilyVM.Engines.User;

/// <summary>
/// How stubs of x86-64 guests map pages on this host. On a host that is a guest itself, without hardware support for nested paging (PVM),
/// each change of one live page costs as much as a flush of everything.
/// </summary>
internal static unsafe class MappingPolicy
{
    private const uint Around = 64; // pages: 256 KiB, of what lies in one piece in RAM

    /// <summary>Tells the stubs.</summary>
    internal static void Set(Machine* machine)
    {
        machine->MapAround = Around;
        machine->ChangesAreDear = (X86Base.CpuId(1, 0).Ecx >> 31 & 1) != 0 ? 1u : 0; // under a hypervisor
        machine->HasBaseInstructions = HostCpu.HasBaseInstructions() ? 1u : 0;
    }
}
