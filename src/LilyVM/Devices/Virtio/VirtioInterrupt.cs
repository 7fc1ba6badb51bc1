namespace LilyVM.Devices.Virtio;

/// <summary>
/// InterruptStatus and its line, which is up while any bit is set. The device's thread sets bits while the vCPU thread reads and
/// acknowledges them, so bits and line change together under a lock: the line never stays down with a bit set, nor up without one.
/// </summary>
internal sealed class VirtioInterrupt(IInterruptLine line)
{
    private readonly Lock gate = new();
    private uint status;

    internal uint Status => Volatile.Read(ref status);

    internal void Raise(uint bits)
    {
        lock (gate)
            Change(status | bits);
    }

    internal void Acknowledge(uint bits)
    {
        lock (gate)
            Change(status & ~bits);
    }

    private void Change(uint value)
    {
        bool changes = (value == 0) != (status == 0);
        Volatile.Write(ref status, value);
        if (changes)
            line.Set(value != 0);
    }
}
