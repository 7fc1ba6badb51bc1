namespace LilyVM;

/// <summary>Files that the user named.</summary>
internal static class UserFile
{
    /// <summary>Reads one; <paramref name="what"/> goes before its name in a message.</summary>
    /// <exception cref="LilyVMException">It cannot be read; the message says why.</exception>
    internal static byte[] Read(string path, string what = "")
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new LilyVMException($"Cannot read {what}{path}: {Why(path, e)}.", e);
        }
    }

    /// <summary>Why it cannot be opened, in a few words.</summary>
    internal static string Why(string path, Exception problem) => problem switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        _ when Directory.Exists(path) => "it is a directory",
        UnauthorizedAccessException => "permission denied",
        _ => problem.Message.Split(" : '")[0].TrimEnd('.'), // .NET ends some with the path
    };
}
