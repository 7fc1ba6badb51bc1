using System.Globalization;
using LilyVM.Tests.Recipes;

namespace LilyVM.Tests.Support;

/// <summary>A file system in memory that is full soon. Only root can mount it, so the test is skipped elsewhere.</summary>
internal sealed class SmallFileSystem : IDisposable
{
    private readonly ScratchFolder folder = new();

    public SmallFileSystem(int kibibytes)
    {
        string size = kibibytes.ToString(CultureInfo.InvariantCulture);
        bool mounted = Environment.IsPrivilegedProcess
            && Command.Run("mount", ["-t", "tmpfs", "-o", $"size={size}k", "lilyvm-test", folder.Path]).Status == 0;
        if (mounted)
            return;
        folder.Dispose();
        Assert.Skip("Only root can mount a file system to fill.");
    }

    public string Path => folder.Path;

    public string this[string name] => folder[name];

    public void Dispose()
    {
        Command.Run("umount", ["-l", folder.Path]); // what is open there goes when it is closed
        folder.Dispose();
    }
}
