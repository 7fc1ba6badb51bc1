using LilyVM.Devices.Clock;

namespace LilyVM.Devices;

/// <summary>
/// The clock and its battery-backed bytes (Motorola MC146818A data sheet), at an index port (offset 0) and a data port (offset 1). The
/// century is at 0x32. It asks for interrupts at an alarm and after updates; neither the periodic interrupt nor the square wave nor
/// daylight saving are made.
/// </summary>
public sealed class Cmos : ByteDevice, IDisposable
{
    /// <summary>Number of ports.</summary>
    public const uint Length = 2;

    private const byte FirstAlarm = 1, LastAlarm = 5, StatusA = 10, StatusB = 11, StatusC = 12, StatusD = 13;

    // Register A: an update is in progress, and what the divider does: up to 2 are time bases, those above hold it in reset.
    private const byte UpdateInProgress = 0x80, Divider = 0x70, LastTimeBase = 0x20, PowerOnRate = 0x26;

    // Register B; without the periodic interrupt.
    private const byte Set = 0x80, Periodic = 0x40, UpdateEnded = 0x10, Binary = 4, Hours24 = 2;

    private const byte ValidRam = 0x80; // register D

    private readonly Lock gate = new();
    private readonly byte[] ram = new byte[128];
    private readonly CmosClock clock;
    private readonly CmosInterrupts interrupts;
    private byte index, statusA = PowerOnRate, statusB = Hours24;

    /// <summary>Creates the clock at the host's time (UTC), whose steps it makes.</summary>
    /// <param name="time">The host's time.</param>
    /// <param name="line">Its interrupt, if anybody listens.</param>
    public Cmos(TimeProvider time, IInterruptLine? line = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        clock = new CmosClock(time);
        interrupts = new CmosInterrupts(clock, time, line, TimerElapsed);
    }

    /// <summary>Stops its timer.</summary>
    public void Dispose() => interrupts.Dispose();

    /// <inheritdoc/>
    protected override byte ReadByte(uint offset)
    {
        if (offset != 1)
            return 0xFF; // the index is write-only
        lock (gate)
        {
            return index switch
            {
                StatusA => (byte)(statusA | (clock.IsUpdating ? UpdateInProgress : 0)),
                StatusB => statusB,
                StatusC => interrupts.TakeFlags(),
                StatusD => ValidRam,
                _ when CmosClock.Has(index) => clock.Read(index),
                _ when IsAlarm(index) => interrupts.GetAlarm(index / 2),
                _ => ram[index],
            };
        }
    }

    /// <inheritdoc/>
    protected override void WriteByte(uint offset, byte value)
    {
        lock (gate)
        {
            if (offset == 0)
                index = (byte)(value & 0x7F); // bit 7 masks NMIs, of which there are none
            else if (offset == 1)
                WriteRegister(value);
        }
    }

    private static bool IsAlarm(byte index) => index is >= FirstAlarm and <= LastAlarm && index % 2 != 0;

    private bool Stops => (statusB & Set) != 0 || (statusA & Divider) > LastTimeBase;

    private void WriteRegister(byte value)
    {
        switch (index)
        {
            case StatusA:
                SetStatusA((byte)(value & ~UpdateInProgress));
                break;
            case StatusB:
                SetStatusB((byte)(value & ~Periodic));
                break;
            case StatusC or StatusD:
                break; // read-only
            case var time when CmosClock.Has(time):
                clock.Write(time, value);
                interrupts.Forget();
                break;
            case var alarm when IsAlarm(alarm):
                interrupts.SetAlarm(alarm / 2, value);
                break;
            default:
                ram[index] = value;
                break;
        }
    }

    private void SetStatusA(byte value)
    {
        bool wasReset = (statusA & Divider) > LastTimeBase;
        statusA = value;
        if (wasReset && (statusA & Divider) <= LastTimeBase)
            clock.ResetDivider();
        StopOrStart();
    }

    private void SetStatusB(byte value)
    {
        if ((value & Set) != 0)
            value &= unchecked((byte)~UpdateEnded);
        statusB = value;
        clock.Format = new CalendarFormat((value & Binary) != 0, (value & Hours24) != 0);
        StopOrStart();
        interrupts.Enable((byte)(value & CmosInterrupts.Sources));
    }

    private void StopOrStart()
    {
        if (Stops == !clock.Runs)
            return;
        if (Stops)
            clock.Stop();
        else
            clock.Start();
        interrupts.Forget();
    }

    private void TimerElapsed()
    {
        lock (gate)
            interrupts.Update();
    }
}
