namespace LilyVM.Hypervisor.Interrupts;

/// <summary>
/// One counter of an 8254 (Intel 8254 data sheet). Nothing runs: count and output are computed from the tick at which counting began. All
/// times are ticks of <see cref="PitTime"/>. The clock that loads a written count is not counted as a tick.
/// </summary>
internal struct PitChannel
{
    private const uint LowByte = 1, HighByte = 2, BothBytes = 3;

    /// <summary>Operating mode, 0 to 5.</summary>
    public uint Mode;

    /// <summary>What one period takes, 1 to 65536 ticks.</summary>
    public uint Reload;

    /// <summary>Whether the gate input is high.</summary>
    public bool Gate;

    // Counting: since when; or, while the gate holds it, how many ticks were done. Edges of the output up to `seen` were reported.
    private ulong start, elapsed, seen;
    private bool isLoaded, isRunning;

    // A count that waits for the end of the period in modes 2 and 3; 0 if none.
    private uint nextReload;
    private ulong nextStart;

    // Bytes of the count: which ones are transferred, what was written or latched so far.
    private uint access, writtenLow, latchedCount, latchedStatus;
    private bool isDecimal, expectsHigh, readsHigh, hasLatchedCount, hasLatchedStatus;

    private readonly bool IsPeriodic => Mode is 2 or 3;
    private readonly bool NeedsTrigger => Mode is 1 or 5;

    /// <summary>Writes a control word with mode and byte access; the count must follow.</summary>
    public void SetControl(uint value)
    {
        access = (value >> 4) & 3;
        Mode = (value >> 1) & 7;
        if (Mode >= 6)
            Mode -= 4; // bit 2 does not matter in modes 2 and 3
        isDecimal = (value & 1) != 0;
        isLoaded = isRunning = expectsHigh = readsHigh = hasLatchedCount = hasLatchedStatus = false;
        nextReload = 0;
    }

    /// <summary>Latches the count until it is read; a latched one stays.</summary>
    public void LatchCount(ulong now)
    {
        if (hasLatchedCount)
            return;
        latchedCount = Encode(Count(now));
        hasLatchedCount = true;
    }

    /// <summary>Latches output, null count and control word until they are read.</summary>
    public void LatchStatus(ulong now)
    {
        if (hasLatchedStatus)
            return;
        Settle(now);
        bool isNull = !isLoaded || nextReload != 0;
        latchedStatus = (Output(now) ? 0x80u : 0) | (isNull ? 0x40u : 0) | access << 4 | Mode << 1 | (isDecimal ? 1u : 0);
        hasLatchedStatus = true;
    }

    /// <summary>Reads the next byte: the latched status, the latched count, or the count as it is.</summary>
    public uint Read(ulong now)
    {
        if (hasLatchedStatus)
        {
            hasLatchedStatus = false;
            return latchedStatus;
        }
        uint value = hasLatchedCount ? latchedCount : Encode(Count(now));
        bool high = access == HighByte || (access == BothBytes && readsHigh);
        if (access == BothBytes)
            readsHigh = !readsHigh;
        if (access != BothBytes || high)
            hasLatchedCount = false;
        return (high ? value >> 8 : value) & 0xFF;
    }

    /// <summary>Writes the next byte of the count.</summary>
    public void Write(uint value, ulong now)
    {
        switch (access)
        {
            case LowByte:
                Load(value, now);
                break;
            case HighByte:
                Load(value << 8, now);
                break;
            case BothBytes when !expectsHigh:
                writtenLow = value;
                expectsHigh = true;
                if (Mode == 0)
                    isLoaded = isRunning = false; // the first byte stops mode 0
                break;
            case BothBytes:
                expectsHigh = false;
                Load(value << 8 | writtenLow, now);
                break;
        }
    }

    /// <summary>Raises or lowers the gate: it triggers modes 1 and 5, restarts modes 2 and 3, and holds the others.</summary>
    public void SetGate(bool high, ulong now)
    {
        if (high == Gate)
            return;
        Settle(now);
        if (!high && !NeedsTrigger)
        {
            elapsed = isRunning ? now - start : elapsed;
            isRunning = false;
        }
        Gate = high;
        if (!high || !isLoaded)
            return;
        if (NeedsTrigger || IsPeriodic)
            elapsed = 0;
        Start(now, elapsed);
    }

    /// <summary>The count as it is now.</summary>
    public uint Count(ulong now)
    {
        Settle(now);
        if (!isLoaded)
            return 0;
        ulong done = isRunning ? Since(now) : elapsed;
        uint inPeriod = (uint)(done % Reload);
        return Mode switch
        {
            2 => Reload - inPeriod,
            3 => HalfPeriodCount(inPeriod),
            _ => (Reload - (uint)done) & 0xFFFF,
        };
    }

    /// <summary>The output as it is now.</summary>
    public bool Output(ulong now)
    {
        Settle(now);
        ulong done = isRunning ? Since(now) : elapsed;
        switch (Mode)
        {
            case 0:
                return isLoaded && done >= Reload;
            case 1:
                return !isRunning || done >= Reload;
            case 2:
                return !isRunning || done % Reload != Reload - 1;
            case 3:
                return !isRunning || done % Reload < (Reload + 1) / 2;
            default:
                return !isRunning || done != Reload;
        }
    }

    /// <summary>How often the output rose since the last call.</summary>
    public ulong TakeEdges(ulong now)
    {
        ulong edges = 0;
        if (nextReload != 0 && now >= nextStart)
        {
            edges = EdgesUntil(nextStart);
            Settle(now);
        }
        edges += EdgesUntil(now);
        return edges;
    }

    /// <summary>The tick at which the output rises next, or <see cref="ulong.MaxValue"/>.</summary>
    public readonly ulong NextEdge()
    {
        if (!isRunning)
            return ulong.MaxValue;
        if (IsPeriodic)
            return start + ((seen - start) / Reload + 1) * Reload;
        ulong edge = SingleEdge;
        return edge > seen ? edge : ulong.MaxValue;
    }

    // Modes 4 and 5 pull the output low for one tick at the end of the count.
    private readonly ulong SingleEdge => start + Reload + (Mode >= 4 ? 1u : 0);

    private ulong EdgesUntil(ulong now)
    {
        if (!isRunning || now <= seen)
            return 0;
        ulong edges = IsPeriodic ? (now - start) / Reload - (seen - start) / Reload : seen < SingleEdge && now >= SingleEdge ? 1u : 0;
        seen = now;
        return edges;
    }

    private void Load(uint value, ulong now)
    {
        uint count = Decode(value);
        if (IsPeriodic && isRunning)
        {
            Settle(now);
            nextReload = count;
            nextStart = start + (Since(now) / Reload + 1) * Reload;
            return;
        }
        Reload = count;
        elapsed = 0;
        if (NeedsTrigger && isRunning)
            return; // takes effect with the next trigger, as far as this model goes
        isLoaded = true;
        if (Gate && !NeedsTrigger)
            Start(now, 0);
    }

    private void Start(ulong now, ulong done)
    {
        start = now - done;
        seen = now;
        isRunning = true;
    }

    // Makes a count that was written during a period the current one once that period is over.
    private void Settle(ulong now)
    {
        if (nextReload == 0 || now < nextStart)
            return;
        Reload = nextReload;
        nextReload = 0;
        start = nextStart;
        seen = seen > start ? seen : start;
    }

    private readonly ulong Since(ulong now) => now > start ? now - start : 0;

    // Mode 3 counts down by two, twice a period; an odd count holds the output high one tick longer.
    private readonly uint HalfPeriodCount(uint inPeriod)
    {
        uint high = (Reload + 1) / 2;
        uint even = Reload & ~1u;
        uint done = inPeriod < high ? inPeriod : inPeriod - high;
        uint count = even - 2 * done;
        return count & 0xFFFF;
    }

    // 0 stands for the largest count (data sheet, figure 12).
    private readonly uint Decode(uint value)
    {
        if (!isDecimal)
            return value == 0 ? 0x1_0000 : value;
        uint count = (value >> 12 & 15) * 1000 + (value >> 8 & 15) * 100 + (value >> 4 & 15) * 10 + (value & 15);
        return count == 0 ? 10_000 : count;
    }

    private readonly uint Encode(uint count)
    {
        if (!isDecimal)
            return count & 0xFFFF;
        count %= 10_000;
        return count / 1000 << 12 | count / 100 % 10 << 8 | count / 10 % 10 << 4 | count % 10;
    }
}
