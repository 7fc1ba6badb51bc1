using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Cli.Terminal;

/// <summary>A new pseudoterminal, with both its ends open (pty(7)). It is nobody's controlling terminal.</summary>
internal sealed partial class TerminalPair : IDisposable
{
    private const int ReadWrite = 2, NoControllingTerminal = 0x100, CloseOnExec = 0x80000;

    private TerminalPair(SafeFileHandle person, string name) => (Person, Name, Program) = (person, name, Open(name));

    /// <summary>The end where a terminal program, or a person's part in a test, reads and types.</summary>
    internal SafeFileHandle Person { get; }

    /// <summary>The end that is a terminal to programs.</summary>
    internal SafeFileHandle Program { get; }

    /// <summary>Path of the latter's device.</summary>
    internal string Name { get; }

    /// <summary>Makes one; null if the host gives none.</summary>
    /// <param name="flags">Of open(2), for the person's end.</param>
    internal static TerminalPair? TryMake(int flags = 0)
    {
        var person = new SafeFileHandle(OpenMaster(ReadWrite | NoControllingTerminal | CloseOnExec | flags), ownsHandle: true);
        byte[] name = new byte[64];
        if (!person.IsInvalid && Grant(person) == 0 && Unlock(person) == 0 && GetName(person, name, (nuint)name.Length) == 0)
            return new TerminalPair(person, Encoding.UTF8.GetString(name.AsSpan(0, name.AsSpan().IndexOf((byte)0))));
        person.Dispose();
        return null;
    }

    /// <summary>
    /// Opens a terminal. Not by File, or it would become the controlling terminal of a session leader without one (a service), whom its end
    /// would hang up.
    /// </summary>
    internal static SafeFileHandle Open(string name) =>
        new(OpenFile(name, ReadWrite | NoControllingTerminal | CloseOnExec), ownsHandle: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        Program.Dispose();
        Person.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "posix_openpt")]
    private static partial int OpenMaster(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt")]
    private static partial int Grant(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "unlockpt")]
    private static partial int Unlock(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "ptsname_r")]
    private static partial int GetName(SafeFileHandle file, [Out] byte[] name, nuint size);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string name, int flags);
}
