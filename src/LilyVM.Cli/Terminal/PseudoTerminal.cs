using System.Runtime.InteropServices;
using System.Text;
using LilyVM.Devices;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Cli.Terminal;

/// <summary>
/// A guest's console on a new pseudoterminal, for a terminal program to attach to (screen /dev/pts/N). What the guest prints while nobody reads is lost
/// once the terminal's buffer is full, so that the guest does not wait for a reader.
/// </summary>
internal sealed partial class PseudoTerminal : IConsoleOutput, IDisposable
{
    private const int ReadWrite = 2, NoControllingTerminal = 0x100, NonBlocking = 0x800, CloseOnExec = 0x80000;
    private const short Readable = 1;

    private readonly int file;
    private readonly RawTerminal? line; // keeps the other end open too, or reading would fail while nobody is attached
    private readonly SafeFileHandle otherEnd;
    private bool isReading;

    internal PseudoTerminal()
    {
        file = OpenMaster(ReadWrite | NoControllingTerminal | NonBlocking | CloseOnExec);
        byte[] name = new byte[64];
        if (file < 0 || Grant(file) != 0 || Unlock(file) != 0 || GetName(file, name, (nuint)name.Length) != 0)
            throw new LilyVMException("The host gives no pseudoterminal; mount /dev/pts or use --console stdio.");
        Name = Encoding.UTF8.GetString(name.AsSpan(0, name.AsSpan().IndexOf((byte)0)));
        // Not by File, or it would become the controlling terminal of a session leader without one (a service), whom its end would hang up.
        otherEnd = new SafeFileHandle(OpenFile(Name, ReadWrite | NoControllingTerminal | CloseOnExec), ownsHandle: true);
        line = RawTerminal.TryEnter((int)otherEnd.DangerousGetHandle());
        Console = new MachineConsole(this);
    }

    /// <summary>Where to attach.</summary>
    internal string Name { get; }

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
        otherEnd.Dispose();
        _ = Close(file);
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

    [LibraryImport("libc", EntryPoint = "posix_openpt")]
    private static partial int OpenMaster(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt")]
    private static partial int Grant(int file);

    [LibraryImport("libc", EntryPoint = "unlockpt")]
    private static partial int Unlock(int file);

    [LibraryImport("libc", EntryPoint = "ptsname_r")]
    private static partial int GetName(int file, [Out] byte[] name, nuint size);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string name, int flags);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollRequest request, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint ReadFile(int file, [Out] byte[] buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint WriteFile(int file, ReadOnlySpan<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
