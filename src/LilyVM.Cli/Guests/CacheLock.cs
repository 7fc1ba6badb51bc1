namespace LilyVM.Cli.Guests;

/// <summary>
/// One thing of the cache that one process makes or removes, or several use. The lock is the system's
/// (flock), so it ends with the process, even by kill -9. Beside it stands whose it is. Lock files stay:
/// whoever removed one would let two in.
/// </summary>
internal sealed class CacheLock : IDisposable
{
    private const int LongestCommand = 100;

    private const string Extension = ".lock";

    private readonly FileStream file;

    private CacheLock(FileStream file) => this.file = file;

    /// <summary>The lock, or null if somebody has it in a way that excludes us.</summary>
    /// <param name="folder">The folder of locks.</param>
    /// <param name="thing">Name of the thing.</param>
    /// <param name="shared">Whether others may have it at the same time, as shared too.</param>
    internal static CacheLock? Try(string folder, string thing, bool shared)
    {
        string path = File(folder, thing);
        try
        {
            if (shared && !System.IO.File.Exists(path))
                new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite).Dispose();
            FileStream file = shared
                ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read) // .NET takes LOCK_SH
                : new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); // LOCK_EX
            if (!shared)
                GuestCache.Remember(HolderFile(folder, thing),
                    $"process {Environment.ProcessId} ({Environment.UserName}: {CommandLine()})");
            return new CacheLock(file);
        }
        catch (IOException e) when (e.HResult == WouldBlock || e.HResult == SharingViolation)
        {
            return null;
        }
    }

    /// <summary>The file of a thing's lock.</summary>
    internal static string File(string folder, string thing) => Path.Combine(folder, thing + Extension);

    /// <summary>The thing that a file is the lock of, or null.</summary>
    internal static string? ThingOf(string file) => Path.GetExtension(file) == Extension ? Path.GetFileNameWithoutExtension(file) : null;

    /// <summary>Who has had the lock of that thing exclusively, the last of them: process number, user, command.</summary>
    internal static string Holder(string folder, string thing)
    {
        try
        {
            return System.IO.File.ReadAllText(HolderFile(folder, thing)) is { Length: > 0 } holder ? holder : Somebody;
        }
        catch (IOException)
        {
            return Somebody; // it has only just got it
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    // EWOULDBLOCK as .NET passes it on, and its own number for it.
    private const int WouldBlock = 11, SharingViolation = unchecked((int)0x80070020);

    private const string Somebody = "another lilyvm";

    private static string HolderFile(string folder, string thing) => Path.Combine(folder, thing + ".holder");

    private static string CommandLine()
    {
        string[] words = Environment.GetCommandLineArgs();
        string program = Path.GetFileName(words[0]);
        if (program.StartsWith("LilyVM.Cli", StringComparison.Ordinal))
            program = "lilyvm";
        string command = string.Join(' ', [program, .. words[1..]]).ReplaceLineEndings(" ");
        return command.Length > LongestCommand ? command[..LongestCommand] + " ..." : command;
    }
}
