using System.Runtime.InteropServices;
using LilyVM.Engines;
using LilyVM.Memory;

namespace LilyVM.Tests.Machine;

/// <summary>
/// An engine whose guest is a list of exits, so that the VM process can be tested without a guest. After the last one the guest triple
/// faults.
/// </summary>
internal sealed unsafe class ScriptedEngine : IEngine
{
    private const uint Alignment = 4096;

    private readonly IEnumerator<Exit> exits;
    private readonly byte* ram;
    private readonly AutoResetEvent stop = new(false);

    internal ScriptedEngine(ulong ramBytes, Func<ScriptedEngine, IEnumerable<Exit>> script)
    {
        ram = (byte*)NativeMemory.AlignedAlloc((nuint)ramBytes, Alignment);
        NativeMemory.Clear(ram, (nuint)ramBytes);
        Ram = new GuestRam(ram, ramBytes);
        exits = script(this).GetEnumerator();
    }

    public string Name => "scripted";

    public GuestRam Ram { get; }

    /// <summary>What the last read returned.</summary>
    internal uint Answer { get; private set; }

    internal StartState Start { get; private set; }

    internal List<(int Line, bool Level)> Interrupts { get; } = [];

    internal List<(AddressKind Kind, uint Start, uint Length)> Posted { get; } = [];

    internal bool IsDisposed { get; private set; }

    internal static Exit PortRead(uint port, int width = 1) => new() { Reason = ExitReason.PortRead, Address = port, Width = width };

    internal static Exit PortWrite(uint port, uint value, int width = 1) =>
        new() { Reason = ExitReason.PortWrite, Address = port, Width = width, Value = value };

    internal static Exit MemoryRead(uint address) => new() { Reason = ExitReason.MemoryRead, Address = address, Width = 4 };

    internal static Exit MemoryWrite(uint address, uint value) =>
        new() { Reason = ExitReason.MemoryWrite, Address = address, Width = 4, Value = value };

    /// <summary>The guest computes until somebody stops it.</summary>
    internal static Exit Compute => new() { Reason = ExitReason.Stopped };

    public void Prepare(in StartState start) => Start = start;

    public void Run(ref Exit exit)
    {
        Answer = (uint)exit.Value;
        exit = exits.MoveNext() ? exits.Current : new Exit { Reason = ExitReason.Reset };
        if (exit.Reason == ExitReason.Stopped)
            stop.WaitOne();
    }

    public void SetInterruptLine(int line, bool level) => Interrupts.Add((line, level));

    public void Stop() => stop.Set();

    public IReadOnlyList<Counter> ReadCounters() => [new("exits", 12345)];

    public Registers ReadRegisters() => new(32, [1, 2, 3, 4, 5, 6, 7, 8], 0xC0100000, 0x202, 0x60, [0x80010000, 0, 0x5000, 0x10]);

    public void PostWrites(AddressKind kind, uint start, uint length) => Posted.Add((kind, start, length));

    public void Dispose()
    {
        IsDisposed = true;
        NativeMemory.AlignedFree(ram);
        stop.Dispose();
    }
}
