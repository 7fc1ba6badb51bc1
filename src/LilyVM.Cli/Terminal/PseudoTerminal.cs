using System.Runtime.InteropServices;
using LilyVM.Devices;

namespace LilyVM.Cli.Terminal;

/// <summary>
/// A guest's console on a new pseudoterminal, for a terminal program to attach to (screen /dev/pts/N). What the guest prints while nobody
/// reads is lost once the terminal's buffer is full, so that the guest does not wait for a reader.
/// </summary>
internal sealed partial class PseudoTerminal : IConsoleOutput, IDisposable
{
    private const int NonBlocking = 0x800;
    private const short Readable = 1;

    private readonly TerminalPair pair;
    private readonly int file; // the person's end, as long as the pair lives
    private readonly RawTerminal? line; // keeps the other end open too, or reading would fail while nobody is attached
    private bool isReading;

    internal PseudoTerminal()
    {
        pair = TerminalPair.TryMake(NonBlocking)
            ?? throw new LilyVMException("The host gives no pseudoterminal; mount /dev/pts or use --console stdio.");
        file = (int)pair.Person.DangerousGetHandle();
        line = RawTerminal.TryEnter((int)pair.Program.DangerousGetHandle());
        Console = new MachineConsole(this);
    }

    /// <summary>Where to attach.</summary>
    internal string Name => pair.Name;

    /// <summary>What the machine is connected to.</summary>
    internal MachineConsole Console { get; }

    /// <summary>Starts to pass on what is typed, or goes on with another machine.</summary>
    internal void Connect()
    {
        if (isReading)
            return;
        isReading = true;
        new Thread(ReadInput) { IsBackground = true, Name = "console input" }.Start();
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes) => _ = WriteFile(file, bytes, (nuint)bytes.Length);

    /// <inheritdoc/>
    public void Dispose()
    {
        line?.Dispose();
        pair.Dispose();
    }

    private void ReadInput()
    {
        byte[] buffer = new byte[4096];
        var wanted = new PollRequest { File = file, Events = Readable };
        while (Poll(ref wanted, 1, -1) > 0 && ReadFile(file, buffer, (nuint)buffer.Length) is > 0 and nint count)
            Console.Type(buffer.AsSpan(0, (int)count));
    }

    private struct PollRequest
    {
        public int File;
        public short Events, Returned;
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollRequest request, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint ReadFile(int file, [Out] byte[] buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint WriteFile(int file, ReadOnlySpan<byte> buffer, nuint count);
}
