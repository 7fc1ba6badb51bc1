namespace LilyVM;

/// <summary>Folders for the files of one run, in TMPDIR or /tmp.</summary>
internal static class TemporaryFolder
{
    /// <summary>Makes one whose name begins so.</summary>
    /// <exception cref="LilyVMException">There is no place for it; the message says what to do.</exception>
    internal static DirectoryInfo Create(string prefix)
    {
        try
        {
            return Directory.CreateTempSubdirectory(prefix);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string place = Path.GetTempPath();
            string why = Directory.Exists(place) ? UserFile.Why(prefix, e) : "there is no such folder";
            throw new LilyVMException($"Cannot make a folder in {place}: {why}; set TMPDIR to a folder that you may write.", e);
        }
    }
}
