namespace LilyVM.Hypervisor.Interrupts;

/// <summary>
/// Ports that are served without an exit: interrupt controllers and timer. Safe: both pointers are the engine's own.
/// </summary>
internal static unsafe class CorePorts
{
    /// <summary>
    /// Carries out an access at time <paramref name="now"/> (ns); false if its port belongs to somebody else. Wider accesses are those of
    /// single bytes at ports in sequence, as on an 8-bit bus; where there is no port, all ones are read.
    /// </summary>
    public static bool Access(InterruptUnit* unit, Access* access, ulong now)
    {
        var port = (uint)access->Address;
        if (!IsCore(port))
            return false;
        unit->Advance(now);
        bool isWrite = access->Kind is AccessKind.PortWrite or AccessKind.PortWriteString;
        uint result = 0;
        for (uint i = 0; i < access->Width; i++)
        {
            int shift = (int)(8 * i);
            if (isWrite)
                Write(unit, port + i, (uint)(access->Value >> shift) & 0xFF, now);
            else
                result |= Read(unit, port + i, now) << shift;
        }
        if (!isWrite)
            access->Value = result;
        return true;
    }

    private static bool IsCore(uint port) => port switch
    {
        Pic.FirstPort or Pic.FirstPort + 1 or Pic.SecondPort or Pic.SecondPort + 1 or Pic.FirstTrigger or Pic.SecondTrigger => true,
        >= Pit.FirstPort and <= Pit.ControlPort or Pit.SystemControlPort => true,
        _ => false,
    };

    private static uint Read(InterruptUnit* unit, uint port, ulong now)
    {
        uint value;
        return unit->Pic.Read(port, &value) || unit->Pit.Read(port, now, &value) ? value & 0xFF : 0xFF;
    }

    private static void Write(InterruptUnit* unit, uint port, uint value, ulong now)
    {
        if (!unit->Pic.Write(port, value))
            unit->Pit.Write(port, value, now);
    }
}
