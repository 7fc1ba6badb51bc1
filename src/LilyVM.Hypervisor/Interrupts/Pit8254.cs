namespace LilyVM.Hypervisor.Interrupts;

/// <summary>
/// The 8254 timer of a PC: channel 0 at interrupt input 0, channel 1 unused, channel 2 gated by port 0x61. Times are in ns since any fixed
/// moment and never go back.
/// </summary>
internal struct Pit
{
    /// <summary>Port of channel 0; those of channels 1 and 2 and the control port follow.</summary>
    public const uint FirstPort = 0x40, ControlPort = 0x43;

    /// <summary>System control port B: gate of channel 2, speaker, and their state.</summary>
    public const uint SystemControlPort = 0x61;

    private const uint GateBit = 1, SpeakerBit = 2, RefreshBit = 0x10, OutputBit = 0x20;
    private const uint RefreshPeriod = 15_085; // ns, 18 ticks: how often the memory refresh bit toggles

    /// <summary>The channels.</summary>
    public PitChannel Timer, Refresh, Speaker;

    private uint speakerEnabled;

    /// <summary>State after power-on.</summary>
    public void Reset() => Timer.Gate = Refresh.Gate = true;

    /// <summary>When channel 0's output rises next, in ns, or <see cref="ulong.MaxValue"/>.</summary>
    public readonly ulong NextDeadline
    {
        get
        {
            ulong edge = Timer.NextEdge();
            return edge == ulong.MaxValue ? edge : PitTime.Nanoseconds(edge);
        }
    }

    /// <summary>How often channel 0's output rose since the last call.</summary>
    public ulong Advance(ulong now) => Timer.TakeEdges(PitTime.Ticks(now));

    /// <summary>Reads a port; false if it is none of the timer's.</summary>
    public unsafe bool Read(uint port, ulong now, uint* value)
    {
        ulong tick = PitTime.Ticks(now);
        switch (port)
        {
            case FirstPort:
                *value = Timer.Read(tick);
                return true;
            case FirstPort + 1:
                *value = Refresh.Read(tick);
                return true;
            case FirstPort + 2:
                *value = Speaker.Read(tick);
                return true;
            case ControlPort:
                *value = 0xFF; // cannot be read
                return true;
            case SystemControlPort:
                *value = (Speaker.Gate ? GateBit : 0) | speakerEnabled | ((now / RefreshPeriod & 1) != 0 ? RefreshBit : 0)
                    | (Speaker.Output(tick) ? OutputBit : 0);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Writes a port; false if it is none of the timer's.</summary>
    public bool Write(uint port, uint value, ulong now)
    {
        ulong tick = PitTime.Ticks(now);
        switch (port)
        {
            case FirstPort:
                Timer.Write(value, tick);
                return true;
            case FirstPort + 1:
                Refresh.Write(value, tick);
                return true;
            case FirstPort + 2:
                Speaker.Write(value, tick);
                return true;
            case ControlPort:
                WriteControl(value, tick);
                return true;
            case SystemControlPort:
                Speaker.SetGate((value & GateBit) != 0, tick);
                speakerEnabled = value & SpeakerBit;
                return true;
            default:
                return false;
        }
    }

    private void WriteControl(uint value, ulong tick)
    {
        switch (value >> 6)
        {
            case 0:
                Control(ref Timer, value, tick);
                break;
            case 1:
                Control(ref Refresh, value, tick);
                break;
            case 2:
                Control(ref Speaker, value, tick);
                break;
            default: // read-back: bit 5 low latches counts, bit 4 low latches status; bits 1 to 3 choose the channels
                if ((value & 2) != 0)
                    Latch(ref Timer, value, tick);
                if ((value & 4) != 0)
                    Latch(ref Refresh, value, tick);
                if ((value & 8) != 0)
                    Latch(ref Speaker, value, tick);
                break;
        }
    }

    private static void Control(ref PitChannel channel, uint value, ulong tick)
    {
        if ((value & 0x30) == 0)
            channel.LatchCount(tick);
        else
            channel.SetControl(value);
    }

    private static void Latch(ref PitChannel channel, uint value, ulong tick)
    {
        if ((value & 0x20) == 0)
            channel.LatchCount(tick);
        if ((value & 0x10) == 0)
            channel.LatchStatus(tick);
    }
}
