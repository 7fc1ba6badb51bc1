namespace LilyVM.Devices;

/// <summary>
/// A 16550A serial port (National Semiconductor PC16550D data sheet) at eight byte-wide registers. Transmission takes no time: the
/// transmitter is empty again at once. The far end sends only while the guest asserts RTS, so that input typed before the guest listens
/// waits instead of being lost in a FIFO that the guest's driver is about to clear. It sends in bursts that fit the FIFO, and lets the
/// guest see the end of each: a driver that never finds the FIFO empty gives up after so many bytes, with the interrupt asked for, and an
/// edge-triggered interrupt controller tells it nothing any more (Linux: PASS_LIMIT in 8250_core.c). As in most virtual machines, OUT2 does
/// not gate the interrupt.
/// </summary>
public sealed class Uart16550 : ByteDevice, IInputReader
{
    /// <summary>Number of registers.</summary>
    public const uint Length = 8;

    private const int FifoSize = 16;

    // Interrupt enable bits, and IIR's answers in descending priority (PC16550D, table IV).
    private const byte EnableReceived = 1, EnableTransmitterEmpty = 2, EnableLineStatus = 4, EnableModemStatus = 8;
    private const byte NoInterrupt = 1, LineStatusInterrupt = 6, ReceivedInterrupt = 4, TimeoutInterrupt = 12,
        TransmitterEmptyInterrupt = 2;
    private const byte ModemStatusInterrupt = 0, FifosEnabled = 0xC0;

    private const byte DivisorLatchAccess = 0x80; // LCR
    private const byte FifoEnable = 1, ClearReceiver = 2; // FCR
    private const byte DataReady = 1, Overrun = 2, TransmitterEmpty = 0x60; // LSR: THRE and TEMT
    private const byte Rts = 2, Loopback = 0x10; // MCR
    private const byte PeerReady = 0xB0; // MSR: DCD, DSR and CTS

    private static readonly int[] TriggerLevels = [1, 4, 8, 14];

    private readonly Lock gate = new();
    private readonly IInterruptLine line;
    private readonly IConsoleOutput output;
    private readonly Queue<byte> fifo = new(FifoSize);
    private readonly InputQueue input;
    private byte divisorLow = 12, divisorHigh, interruptEnable, fifoControl, lineControl, modemControl, modemStatus = PeerReady, scratch;
    private bool transmitterEmptyPending, overrun, level;

    // Of the burst in the FIFO: the guest takes it, so that nothing is added; what the guest has asked since it began to come.
    private bool taking, askedIir, askedLsr;

    /// <summary>Creates the port in its state after a reset, with a queue of its own if none is given.</summary>
    public Uart16550(IInterruptLine line, IConsoleOutput output, InputQueue? input = null)
    {
        this.line = line;
        this.output = output;
        this.input = input ?? new InputQueue();
    }

    /// <summary>
    /// Sends bytes to the guest. Any thread may call it; what does not fit the FIFO waits in the queue, and what does not fit that lets us
    /// wait.
    /// </summary>
    public void Receive(ReadOnlySpan<byte> bytes) => input.AddAll(bytes, this);

    /// <inheritdoc/>
    public void InputArrived()
    {
        lock (gate)
            Update();
    }

    /// <inheritdoc/>
    protected override byte ReadByte(uint offset)
    {
        lock (gate)
        {
            byte value = offset switch
            {
                0 => DivisorSelected ? divisorLow : Take(),
                1 => DivisorSelected ? divisorHigh : interruptEnable,
                2 => (byte)(PendingInterrupt() | (FifosOn ? FifosEnabled : 0)),
                3 => lineControl,
                4 => modemControl,
                5 => (byte)(TransmitterEmpty | (fifo.Count > 0 ? DataReady : 0) | (overrun ? Overrun : 0)),
                6 => modemStatus,
                7 => scratch,
                _ => 0xFF,
            };
            switch (offset)
            {
                case 2:
                    // Reading IIR takes it back, if it was what IIR showed.
                    transmitterEmptyPending &= (value & 0xF) != TransmitterEmptyInterrupt;
                    askedIir = true;
                    taking &= fifo.Count > 0;
                    break;
                case 5:
                    overrun = false;
                    askedLsr = true;
                    if (fifo.Count == 0)
                        (taking, askedIir) = (taking && askedIir, false); // who asks IIR asks it again, or LSR once more
                    break;
                case 6:
                    modemStatus &= 0xF0; // the delta bits
                    break;
            }
            Update();
            return value;
        }
    }

    /// <inheritdoc/>
    protected override void WriteByte(uint offset, byte value)
    {
        lock (gate)
        {
            switch (offset)
            {
                case 0 when DivisorSelected:
                    divisorLow = value;
                    break;
                case 0:
                    Transmit(value);
                    break;
                case 1 when DivisorSelected:
                    divisorHigh = value;
                    break;
                case 1:
                    // Enabling it asks for an interrupt if the transmitter is empty, which Linux's THRE and TXEN tests rely on.
                    transmitterEmptyPending |= (value & ~interruptEnable & EnableTransmitterEmpty) != 0;
                    interruptEnable = (byte)(value & 0xF);
                    break;
                case 2:
                    if ((value & ClearReceiver) != 0 || ((value ^ fifoControl) & FifoEnable) != 0)
                    {
                        fifo.Clear();
                        taking = false;
                    }
                    fifoControl = value;
                    break;
                case 3:
                    lineControl = value;
                    break;
                case 4:
                    modemControl = (byte)(value & 0x1F);
                    SetModemStatus(Looped ? LoopedModemStatus(value) : PeerReady);
                    break;
                case 7:
                    scratch = value;
                    break;
            }
            Update();
        }
    }

    private bool DivisorSelected => (lineControl & DivisorLatchAccess) != 0;

    private bool FifosOn => (fifoControl & FifoEnable) != 0;

    private bool Looped => (modemControl & Loopback) != 0;

    private int Capacity => FifosOn ? FifoSize : 1;

    // The end of a burst shows in IIR or LSR; to a guest that asked neither, and without FIFO, in the line that falls.
    private byte Take()
    {
        taking = fifo.TryDequeue(out byte received) && FifosOn && (fifo.Count > 0 || askedIir || askedLsr);
        if (fifo.Count == 0)
            SetLine();
        return received;
    }

    private void Transmit(byte value)
    {
        if (!Looped)
            output.Write([value]);
        else
            Shift(value);
        transmitterEmptyPending = true;
    }

    // A byte that finds no room is an overrun. The FIFO keeps what it has, and the byte is lost; without it the byte takes the place of the
    // one that nobody read (PC16550D, 8.6.3, bit 1).
    private void Shift(byte value)
    {
        overrun |= fifo.Count == Capacity;
        if (fifo.Count == Capacity && FifosOn)
            return;
        if (!FifosOn)
            fifo.Clear();
        fifo.Enqueue(value);
    }

    // In loopback, RTS drives CTS, DTR drives DSR, OUT1 drives RI and OUT2 drives DCD (PC16550D, 8.7).
    private static byte LoopedModemStatus(byte control) =>
        (byte)(((control & 2) << 3) | ((control & 1) << 5) | ((control & 4) << 4) | ((control & 8) << 4));

    private void SetModemStatus(byte levels)
    {
        int changed = (modemStatus ^ levels) >> 4;
        int ringEnded = modemStatus & ~levels & 0x40; // RI reports its trailing edge only
        modemStatus = (byte)(levels | (modemStatus & 0xF) | (changed & 0b1011) | (ringEnded >> 4));
    }

    private byte PendingInterrupt()
    {
        if ((interruptEnable & EnableLineStatus) != 0 && overrun)
            return LineStatusInterrupt;
        if ((interruptEnable & EnableReceived) != 0 && fifo.Count > 0)
            return !FifosOn || fifo.Count >= TriggerLevels[fifoControl >> 6] ? ReceivedInterrupt : TimeoutInterrupt;
        if ((interruptEnable & EnableTransmitterEmpty) != 0 && transmitterEmptyPending)
            return TransmitterEmptyInterrupt;
        return (interruptEnable & EnableModemStatus) != 0 && (modemStatus & 0xF) != 0 ? ModemStatusInterrupt : NoInterrupt;
    }

    private void Update()
    {
        if (!Looped && !taking && (modemControl & Rts) != 0)
            Fill();
        SetLine();
    }

    private void Fill()
    {
        if (fifo.Count == 0)
            askedIir = askedLsr = false;
        while (fifo.Count < Capacity && input.TryDequeue(out byte next))
            fifo.Enqueue(next);
    }

    private void SetLine()
    {
        bool asks = PendingInterrupt() != NoInterrupt;
        if (asks == level)
            return;
        level = asks;
        line.Set(asks);
    }
}
