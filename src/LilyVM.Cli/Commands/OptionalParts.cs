using LilyVM.Cli.Containers;
using LilyVM.Networks;

namespace LilyVM.Cli.Commands;

/// <summary>What of the host only some options of machines need: a table, which doctor shows.</summary>
internal static class OptionalParts
{
    /// <summary>The programs, and what is not to be had without them.</summary>
    internal static readonly IReadOnlyList<(HostProgram Program, string For)> Programs =
    [
        (Passt.Program, "--net user and container run"),
        .. ImageStore.Programs.Select(p => (p, "container run")),
    ];

    // The window of a guest's connection is more than Debian's 212,992 bytes (Passt).
    private const int EnoughRoom = 4 << 20;

    private const string RoomFile = "/proc/sys/net/core/wmem_max";

    /// <summary>All findings; machines run without them.</summary>
    internal static IEnumerable<HostFinding> Findings() =>
    [
        .. Programs.Select(p => new HostFinding(
            $"{p.Program.Name}, for {p.For}", p.Program.Find() is not null, $"install the Debian package {p.Program.Package}")
            { IsOptional = true }),
        HostProbe.SharedFolders(),
        HostProbe.DiskImages(),
        new("room for fast downloads by --net user", Environment.IsPrivilegedProcess || HasRoom(),
            $"so they may be slow without privilege; set the sysctl net.core.wmem_max to {EnoughRoom}") { IsOptional = true },
    ];

    private static bool HasRoom() =>
        File.Exists(RoomFile) && long.TryParse(File.ReadAllText(RoomFile), out long bytes) && bytes >= EnoughRoom;
}
