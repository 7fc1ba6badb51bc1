namespace LilyVM.Hypervisor.Interrupts;

/// <summary>
/// Interrupt controllers and timer, as an engine keeps them in memory that all its processes share. Call <see cref="Reset"/> on zeroed
/// memory.
/// </summary>
internal struct InterruptUnit
{
    private const uint TimerInput = 1 << 0;

    /// <summary>The interrupt controllers.</summary>
    public Pic Pic;

    /// <summary>The timer.</summary>
    public Pit Pit;

    /// <summary>State after power-on.</summary>
    public void Reset()
    {
        Pic.Reset();
        Pit.Reset();
    }

    /// <summary>
    /// Passes what the timer did until <paramref name="now"/> (ns) on to the controllers. Ticks that nobody served become one.
    /// </summary>
    public void Advance(ulong now)
    {
        if (Pit.Advance(now) != 0)
            Pic.Edge(TimerInput);
    }
}
