using System.Security.Cryptography;
using LilyVM.Hypervisor.Shared.User;

namespace LilyVM.Engines.User;

/// <summary>How programs in processes of their own run on this host.</summary>
internal static unsafe class ProgramProcesses
{
    // Each look costs some 20 ns where a guest's PAUSE is not caught. Two sides on two CPUs mostly meet within them; on one CPU the other
    // side cannot come while this one looks.
    private const uint LooksOnTwoCpus = 10_000;

    /// <summary>Before the start: programs have the next CPU, if there is one.</summary>
    internal static void Set(Machine* machine)
    {
        machine->ProgramsAreApart = 1;
        machine->ProgramSecret = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
        uint[] allowed = HostCpu.Allowed();
        machine->ProgramCpu = machine->HostCpu == Layout.AnyCpu
            ? Layout.AnyCpu
            : allowed[(Array.IndexOf(allowed, machine->HostCpu) + 1) % allowed.Length];
        machine->ProgramLooks = allowed.Length > 1 ? LooksOnTwoCpus : 0;
    }
}
