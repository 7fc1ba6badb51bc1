namespace LilyVM.Hypervisor.Interrupts;

/// <summary>
/// One 8259A interrupt controller (Intel 8259A data sheet), in 8086 mode. Requests of edge-triggered inputs stay until they are
/// acknowledged, even if the input falls before; requests of level-triggered ones follow the input.
/// </summary>
internal struct PicChip
{
    /// <summary>No input: what <see cref="HighestRequest"/> returns if there is nothing to do.</summary>
    public const uint None = 8;

    private const uint CommandInitialize = 0x10, CommandStatus = 0x08, LevelCascade = 4;

    /// <summary>Interrupt request, in-service and mask registers.</summary>
    public uint Requests, InService, Mask;

    /// <summary>Inputs as they are now.</summary>
    public uint Inputs;

    /// <summary>Inputs that are level-triggered (ELCR).</summary>
    public uint LevelTriggered;

    /// <summary>Vector of input 0, a multiple of 8.</summary>
    public uint VectorBase;

    /// <summary>The input with the highest priority; the others follow in circular order.</summary>
    public uint HighestPriority;

    // Command words that are still awaited (2 to 4, 0 if none), and what earlier ones said.
    private uint awaited;
    private bool expectsFourth, isSingle, automaticEnd, rotatesOnAutomaticEnd, specialMask, fullyNested, readsInService, polled;

    /// <summary>Sets all eight inputs.</summary>
    public void SetInputs(uint inputs)
    {
        uint rising = inputs & ~Inputs & ~LevelTriggered;
        Inputs = inputs;
        Requests = (Requests & ~LevelTriggered) | (inputs & LevelTriggered) | rising;
    }

    /// <summary>A short pulse on inputs; level-triggered ones do not notice it.</summary>
    public void Pulse(uint inputs) => Requests |= inputs & ~LevelTriggered;

    /// <summary>Sets which inputs are level-triggered.</summary>
    public void SetLevelTriggered(uint inputs)
    {
        LevelTriggered = inputs;
        Requests = (Requests & ~inputs) | (Inputs & inputs);
    }

    /// <summary>
    /// The input to serve next, or <see cref="None"/>; <paramref name="cascade"/> holds requests of the chip behind, if there is one.
    /// </summary>
    public readonly uint HighestRequest(uint cascade)
    {
        uint wanted = Rank((Requests | cascade) & ~Mask);
        if (wanted == None)
            return None;
        uint busy = InService;
        if (specialMask)
            busy &= ~Mask;
        if (fullyNested && cascade != 0)
            busy &= ~LevelCascade; // the chip behind may interrupt itself (data sheet: special fully nested mode)
        return wanted < Rank(busy) ? (wanted + HighestPriority) & 7 : None;
    }

    /// <summary>What an acknowledge cycle does to the chip.</summary>
    public void Acknowledge(uint input)
    {
        uint bit = 1u << (int)input;
        Requests &= ~bit | LevelTriggered;
        if (!automaticEnd)
            InService |= bit;
        else if (rotatesOnAutomaticEnd)
            HighestPriority = (input + 1) & 7;
    }

    /// <summary>Reads the command or the data port.</summary>
    public uint Read(bool data, uint cascade)
    {
        if (polled)
        {
            polled = false;
            uint input = HighestRequest(cascade);
            if (input == None)
                return 0;
            Acknowledge(input);
            return 0x80 | input;
        }
        if (data)
            return Mask;
        return readsInService ? InService : Requests | cascade;
    }

    /// <summary>Writes the command port.</summary>
    public void WriteCommand(uint value)
    {
        if ((value & CommandInitialize) != 0)
            Initialize(value);
        else if ((value & CommandStatus) != 0)
            SelectStatus(value);
        else
            End(value >> 5, value & 7);
    }

    /// <summary>Writes the data port: the mask, or an initialization command word.</summary>
    public void WriteData(uint value)
    {
        switch (awaited)
        {
            case 2:
                VectorBase = value & 0xF8;
                awaited = !isSingle ? 3u : expectsFourth ? 4u : 0;
                break;
            case 3: // which input the chips share is fixed
                awaited = expectsFourth ? 4u : 0;
                break;
            case 4:
                fullyNested = (value & 0x10) != 0;
                automaticEnd = (value & 2) != 0;
                awaited = 0;
                break;
            default:
                Mask = value & 0xFF;
                break;
        }
    }

    private void Initialize(uint value)
    {
        Requests = Inputs & LevelTriggered;
        InService = Mask = HighestPriority = 0;
        automaticEnd = rotatesOnAutomaticEnd = specialMask = fullyNested = readsInService = polled = false;
        expectsFourth = (value & 1) != 0;
        isSingle = (value & 2) != 0;
        awaited = 2;
    }

    private void SelectStatus(uint value)
    {
        if ((value & 4) != 0)
            polled = true;
        if ((value & 2) != 0)
            readsInService = (value & 1) != 0;
        if ((value & 0x40) != 0)
            specialMask = (value & 0x20) != 0;
    }

    // Operation command word 2: bit 0 end of interrupt, bit 1 for the input that is named, bit 2 rotate priorities.
    private void End(uint operation, uint named)
    {
        if (operation is 0 or 4)
        {
            rotatesOnAutomaticEnd = operation == 4;
            return;
        }
        if (operation == 2)
            return;
        uint input = named;
        if (operation is 1 or 5)
        {
            uint rank = Rank(specialMask ? InService & ~Mask : InService);
            if (rank == None)
                return;
            input = (rank + HighestPriority) & 7;
        }
        if (operation != 6)
            InService &= ~(1u << (int)input);
        if (operation >= 5)
            HighestPriority = (input + 1) & 7;
    }

    // How many inputs come before the first one of a set, in order of priority.
    private readonly uint Rank(uint inputs)
    {
        for (uint rank = 0; rank < 8; rank++)
        {
            if ((inputs >> (int)((rank + HighestPriority) & 7) & 1) != 0)
                return rank;
        }
        return None;
    }
}
