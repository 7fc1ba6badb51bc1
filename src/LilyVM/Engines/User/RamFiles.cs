namespace LilyVM.Engines.User;

/// <summary>
/// Makes the files that a machine's memory lies in. Of the ways to large pages the first one is taken that this host and this user have;
/// what costs least comes first. They leave nothing behind, in whatever way this process ends: a mount is nowhere in the file system and
/// goes with its last file.
/// </summary>
internal sealed class RamFiles : IDisposable
{
    private const int TemporaryFile = 0x41_0000, OwnerOnly = 0x180; // O_TMPFILE with O_DIRECTORY; 0600
    private readonly int mount;

    private RamFiles(RamSource source, int mount = -1)
    {
        Source = source;
        this.mount = mount;
    }

    /// <summary>The way.</summary>
    internal RamSource Source { get; private set; }

    /// <summary>The ways in their order.</summary>
    internal static IReadOnlyList<RamSource> Ways { get; } =
        [RamSource.HostSetting, RamSource.OwnMount, RamSource.NamespaceMount, RamSource.Advice, RamSource.Collapse, RamSource.SmallPages];

    /// <summary>
    /// Takes the first of some ways that works. Whether <see cref="RamSource.Collapse"/> does, the first <see cref="Ask"/> tells.
    /// </summary>
    internal static RamFiles Open(IReadOnlyList<RamSource> ways)
    {
        string? policy = HostPages.MemoryFilePolicy();
        foreach (RamSource way in policy == HostPages.Denied ? [] : ways)
        {
            int mount = way switch
            {
                RamSource.OwnMount when Environment.IsPrivilegedProcess => LargePageMount.TryOpen(inNamespace: false),
                RamSource.NamespaceMount => LargePageMount.TryOpen(inNamespace: true),
                _ => -1,
            };
            bool works = way switch
            {
                RamSource.HostSetting => HostPages.GivesToAll(policy),
                RamSource.Advice => HostPages.GivesOnAdvice(policy),
                RamSource.OwnMount or RamSource.NamespaceMount => mount >= 0,
                _ => true,
            };
            if (works)
                return new RamFiles(way, mount);
        }
        return new RamFiles(RamSource.SmallPages);
    }

    /// <summary>Makes a file of no size; -1, with the error as the last one of this thread, if that fails.</summary>
    internal int Create(string name) => mount >= 0
        ? HostCalls.OpenAt(mount, ".", TemporaryFile | HostCalls.ReadWriteCloseOnExec, OwnerOnly)
        : HostCalls.CreateMemoryFile(name, HostCalls.CloseOnExec);

    /// <summary>
    /// Asks for a file's large pages where somebody has to: for all of it at once, or, if <paramref name="isSmall"/> does not hold, as they
    /// are used. A host that refuses gives small ones.
    /// </summary>
    internal unsafe void Ask(MemoryFile file, bool isSmall)
    {
        if (Source == RamSource.Advice)
            _ = HostCalls.Advise((nint)file.Start, (nuint)file.Size, HostCalls.LargePages);
        else if (Source == RamSource.Collapse && isSmall && !TryCollapse(file))
            Source = RamSource.SmallPages;
    }

    private static unsafe bool TryCollapse(MemoryFile file)
    {
        Volatile.Read(ref *file.Start); // where no page is, the host puts nothing together
        return HostCalls.Advise((nint)file.Start, (nuint)file.Size, HostCalls.Collapse) == 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (mount >= 0)
            _ = HostCalls.Close(mount);
    }
}
