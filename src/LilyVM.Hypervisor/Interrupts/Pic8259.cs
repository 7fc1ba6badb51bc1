namespace LilyVM.Hypervisor.Interrupts;

/// <summary>
/// The two interrupt controllers of a PC: inputs 0 to 7 at the first, 8 to 15 at the second, which hangs at input 2 of the first. All zeros
/// is the state after power-on but for the masks: see <see cref="Reset"/>.
/// </summary>
internal struct Pic
{
    /// <summary>The command port of the first and the second controller; the data port is the next one.</summary>
    public const uint FirstPort = 0x20, SecondPort = 0xA0;

    /// <summary>Edge/level control registers of the first and the second controller.</summary>
    public const uint FirstTrigger = 0x4D0, SecondTrigger = 0x4D1;

    // Inputs that can be made level-triggered: not timer, keyboard, cascade, clock and coprocessor (82371 data sheet, ELCR).
    private const uint FirstTriggerMask = 0xF8, SecondTriggerMask = 0xDE;
    private const uint CascadeInput = 2;
    private const uint SpuriousInput = 7;

    /// <summary>The controllers.</summary>
    public PicChip First, Second;

    /// <summary>Everything is masked until the guest initializes the controllers.</summary>
    public void Reset()
    {
        First.Mask = Second.Mask = 0xFF;
        First.VectorBase = 0x08;
        Second.VectorBase = 0x70;
    }

    /// <summary>Sets all sixteen inputs, bit n for input n. Edge-triggered ones see what rises.</summary>
    public void SetLevel(uint inputs)
    {
        First.SetInputs(inputs & 0xFF & ~(1u << (int)CascadeInput));
        Second.SetInputs((inputs >> 8) & 0xFF);
    }

    /// <summary>A pulse on each of the inputs in a set; level-triggered ones do not notice it.</summary>
    public void Edge(uint inputs)
    {
        First.Pulse(inputs & 0xFF & ~(1u << (int)CascadeInput));
        Second.Pulse((inputs >> 8) & 0xFF);
    }

    /// <summary>Whether the CPU is asked for an interrupt.</summary>
    public readonly bool Pending => First.HighestRequest(Cascade) != PicChip.None;

    /// <summary>
    /// The acknowledge cycle: returns the vector. If the request went away meanwhile, that is the one of input 7 (spurious).
    /// </summary>
    public uint Acknowledge()
    {
        uint input = First.HighestRequest(Cascade);
        if (input == PicChip.None)
            return First.VectorBase + SpuriousInput;
        if (input != CascadeInput)
        {
            First.Acknowledge(input);
            return First.VectorBase + input;
        }
        uint behind = Second.HighestRequest(0);
        First.Acknowledge(CascadeInput);
        if (behind == PicChip.None)
            return Second.VectorBase + SpuriousInput;
        Second.Acknowledge(behind);
        return Second.VectorBase + behind;
    }

    /// <summary>Reads a port; false if it is none of the controllers'.</summary>
    public unsafe bool Read(uint port, uint* value)
    {
        switch (port)
        {
            case FirstPort or FirstPort + 1:
                *value = First.Read(port != FirstPort, Cascade);
                return true;
            case SecondPort or SecondPort + 1:
                *value = Second.Read(port != SecondPort, 0);
                return true;
            case FirstTrigger:
                *value = First.LevelTriggered;
                return true;
            case SecondTrigger:
                *value = Second.LevelTriggered;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Writes a port; false if it is none of the controllers'.</summary>
    public bool Write(uint port, uint value)
    {
        switch (port)
        {
            case FirstPort:
                First.WriteCommand(value);
                return true;
            case FirstPort + 1:
                First.WriteData(value);
                return true;
            case SecondPort:
                Second.WriteCommand(value);
                return true;
            case SecondPort + 1:
                Second.WriteData(value);
                return true;
            case FirstTrigger:
                First.SetLevelTriggered(value & FirstTriggerMask);
                return true;
            case SecondTrigger:
                Second.SetLevelTriggered(value & SecondTriggerMask);
                return true;
            default:
                return false;
        }
    }

    // The second controller's output holds input 2 of the first one up as long as it has something to say.
    private readonly uint Cascade => Second.HighestRequest(0) != PicChip.None ? 1u << (int)CascadeInput : 0;
}
