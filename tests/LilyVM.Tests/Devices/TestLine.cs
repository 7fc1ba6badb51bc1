using LilyVM.Devices;

namespace LilyVM.Tests.Devices;

/// <summary>An interrupt line that remembers its level and counts its rises.</summary>
internal sealed class TestLine : IInterruptLine
{
    private readonly Lock gate = new();
    private bool level;
    private int rises;

    public bool Level
    {
        get { lock (gate) return level; }
    }

    public int Rises
    {
        get { lock (gate) return rises; }
    }

    public void Set(bool level)
    {
        lock (gate)
        {
            if (level && !this.level)
                rises++;
            this.level = level;
        }
    }
}
