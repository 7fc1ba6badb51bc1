namespace LilyVM.Engines;

/// <summary>Why the guest stopped.</summary>
public enum ExitReason
{
    /// <summary>Nothing happened yet: what <see cref="IEngine.Run"/> is called with the first time.</summary>
    None,

    /// <summary>IN, INS; the answer goes to <see cref="Exit.Value"/>.</summary>
    PortRead,

    /// <summary>OUT, OUTS.</summary>
    PortWrite,

    /// <summary>A load from a guest physical address that is not RAM; the answer goes to <see cref="Exit.Value"/>.</summary>
    MemoryRead,

    /// <summary>A store to one.</summary>
    MemoryWrite,

    /// <summary><see cref="IEngine.Stop"/> was called.</summary>
    Stopped,

    /// <summary>The guest ended by a triple fault, which a PC answers with a reset.</summary>
    Reset,

    /// <summary>The guest halted with interrupts off: it has ended, as far as it goes on a machine without a power switch.</summary>
    Halted,

    /// <summary>The guest cannot go on; <see cref="Exit.Message"/> says why, in one sentence.</summary>
    Failure,
}

/// <summary>One return of control from an engine to the VM process.</summary>
public struct Exit
{
    /// <summary>Why.</summary>
    public ExitReason Reason { get; set; }

    /// <summary>Port or guest physical address.</summary>
    public ulong Address { get; set; }

    /// <summary>Bytes: 1, 2, 4 or 8.</summary>
    public int Width { get; set; }

    /// <summary>What the guest wrote; for reads, set by the VM process.</summary>
    public ulong Value { get; set; }

    /// <summary>With <see cref="ExitReason.Reset"/>: where and how, if the engine knows.</summary>
    public TripleFault? TripleFault { get; set; }

    /// <summary>With <see cref="ExitReason.Failure"/>: why.</summary>
    public string? Message { get; set; }
}
