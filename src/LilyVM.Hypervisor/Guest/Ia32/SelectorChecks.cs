namespace LilyVM.Hypervisor.Guest;

internal static unsafe partial class SelectorChecks
{
    // System descriptor types, bit n for type n, that LAR and LSL accept (SDM vol. 2, LAR and LSL).
    private const uint RightsTypes = 0x1A3E, LimitTypes = 0x0A0E;

    // ARPL: the destination's RPL is raised to the source's.
    private static bool Adjust(Vcpu* cpu, Request* request)
    {
        uint source = request->Value & 3;
        uint destination;
        if (request->IsMemory)
        {
            // Written only if it changes.
            if (!GuestMemory.Read16(cpu, request->Address, Privilege.Access(cpu, AccessFlags.Read), &destination))
                return false;
        }
        else
        {
            destination = Operands.Register(cpu, request->Register, 2);
        }
        bool raises = (destination & 3) < source;
        request->Width = 2;
        if (raises && !Operands.Store(cpu, request, (destination & ~3u) | source))
            return false;
        SetZero(cpu, raises);
        return true;
    }
}
