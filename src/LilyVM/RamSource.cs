using LilyVM.Boot;
using LilyVM.Engines.User;

namespace LilyVM;

/// <summary>
/// How an engine gets its guest's RAM from the host. In pages of 2 MiB programs of the guest touch new memory forty times faster where the
/// host is a guest itself. hugetlbfs is not among them, though it needs no right but reserved pages: what comes from there cannot be mapped
/// in pages of 4 KiB.
/// </summary>
public enum RamSource
{
    /// <summary>In pages of 4 KiB.</summary>
    SmallPages,

    /// <summary>In pages of 2 MiB, since the host gives such to every memory file.</summary>
    HostSetting,

    /// <summary>In pages of 2 MiB, from a file system in memory that was mounted for the machine alone, as the user may.</summary>
    OwnMount,

    /// <summary>The same, mounted in a user namespace.</summary>
    NamespaceMount,

    /// <summary>In pages of 2 MiB, asked for piece by piece as they are used: the host gives them on advice (madvise).</summary>
    Advice,

    /// <summary>In pages of 2 MiB, put together by the host piece by piece as they are used.</summary>
    Collapse,
}

/// <summary>What <see cref="RamSource"/> is here, and words for it.</summary>
public static class RamSources
{
    /// <summary>How an x86-64 guest of the user engine gets its RAM on this host; in small pages too if there is none at all.</summary>
    public static RamSource OfThisHost()
    {
        try
        {
            using var engine = UserEngine.Create(GuestArchitecture.X64, GuestLayout.MinFreeRam);
            return engine.RamSource;
        }
        catch (LilyVMException)
        {
            return RamSource.SmallPages; // which is another finding
        }
    }

    /// <summary>Where pages of 2 MiB come from, in a few words; null for small ones.</summary>
    public static string? Describe(RamSource source) => source switch
    {
        RamSource.HostSetting => "every memory file has them",
        RamSource.OwnMount => "tmpfs",
        RamSource.NamespaceMount => "tmpfs in a user namespace",
        RamSource.Advice => "on advice",
        RamSource.Collapse => "by MADV_COLLAPSE",
        _ => null,
    };
}
