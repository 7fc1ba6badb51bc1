namespace LilyVM;

/// <summary>Files that the user named.</summary>
internal static class UserFile
{
    private const string IsMissing = "there is no such file", IsDirectory = "it is a directory";

    /// <summary>Reads one; <paramref name="what"/> goes before its name in a message.</summary>
    /// <exception cref="LilyVMException">It cannot be read; the message says why.</exception>
    internal static byte[] Read(string path, string what = "") => Try(path, what, () => File.ReadAllBytes(path));

    /// <summary>The same with a way of one's own to read it.</summary>
    /// <exception cref="LilyVMException">It cannot be read; the message says why.</exception>
    internal static T Try<T>(string path, string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new LilyVMException($"Cannot read {what}{path}: {Why(path, e)}.", e);
        }
    }

    /// <summary>Refuses a name that is no file's, without opening what may be a pipe.</summary>
    internal static void RequireThere(string path, string what = "")
    {
        if (!File.Exists(path))
            throw new LilyVMException($"Cannot read {what}{path}: {(Directory.Exists(path) ? IsDirectory : IsMissing)}.");
    }

    /// <summary>Why it cannot be opened, in a few words.</summary>
    internal static string Why(string path, Exception problem) => problem switch
    {
        FileNotFoundException or DirectoryNotFoundException => IsMissing,
        _ when Directory.Exists(path) => IsDirectory,
        UnauthorizedAccessException => "permission denied",
        _ => problem.Message.Split(" : '")[0].TrimEnd('.'), // .NET ends some with the path
    };
}
