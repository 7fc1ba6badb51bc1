using System.Runtime.InteropServices;
using System.Text;
using LilyVM.Cli.Terminal;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Tests.Support;

/// <summary>A terminal that a program under test runs on, with this process in place of the person before it.</summary>
internal sealed partial class TestTerminal : IDisposable
{
    private const int ModeSize = 128;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3); // ends a test that hangs, and none on a busy host

    private readonly TerminalPair pair = TerminalPair.TryMake() ?? throw new InvalidOperationException("no pseudoterminal");
    private readonly StringBuilder printed = new();
    private readonly Thread reader;
    private volatile bool closing;

    internal TestTerminal()
    {
        reader = new Thread(Read) { IsBackground = true, Name = "terminal" };
        reader.Start();
    }

    /// <summary>The device.</summary>
    internal string Name => pair.Name;

    /// <summary>What was printed so far, without carriage returns.</summary>
    internal string Printed
    {
        get
        {
            lock (printed)
                return printed.ToString();
        }
    }

    /// <summary>How the terminal treats keys and output: struct termios.</summary>
    internal byte[] Mode
    {
        get
        {
            byte[] mode = new byte[ModeSize];
            Assert.Equal(0, GetAttributes(pair.Program, mode));
            return mode;
        }
    }

    internal void Type(string keys)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(keys);
        Assert.Equal(bytes.Length, WriteFile(pair.Person, bytes, (nuint)bytes.Length));
    }

    /// <summary>Changes its size, of which the program is told by SIGWINCH.</summary>
    internal void Resize(ushort rows, ushort columns)
    {
        const nuint SetSize = 0x5414; // TIOCSWINSZ
        ushort[] size = [rows, columns, 0, 0];
        Assert.Equal(0, Control(pair.Person, SetSize, size));
    }

    /// <summary>Waits until the text was printed.</summary>
    internal void WaitFor(string text) =>
        Assert.True(SpinWait.SpinUntil(() => Printed.Contains(text, StringComparison.Ordinal), Limit),
            $"'{text}' does not come after: {Printed}");

    /// <summary>Hangs up; the program has lost its terminal.</summary>
    public void Dispose()
    {
        closing = true;
        reader.Join(); // a file is not closed while somebody reads from it
        pair.Dispose();
    }

    private void Read()
    {
        byte[] buffer = new byte[4096];
        var wanted = new PollRequest { File = (int)pair.Person.DangerousGetHandle(), Events = 1 };
        while (!closing)
        {
            nint count = Poll(ref wanted, 1, 20) > 0 ? ReadFile(pair.Person, buffer, (nuint)buffer.Length) : 0;
            lock (printed)
                printed.Append(Encoding.Latin1.GetString(buffer, 0, (int)Math.Max(count, 0)).Replace("\r", "", StringComparison.Ordinal));
        }
    }

    private struct PollRequest
    {
        public int File;
        public short Events, Returned;
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(SafeFileHandle file, nuint command, [In] ushort[] size);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollRequest request, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(SafeFileHandle file, [Out] byte[] attributes);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint ReadFile(SafeFileHandle file, [Out] byte[] buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint WriteFile(SafeFileHandle file, [In] byte[] buffer, nuint count);
}
