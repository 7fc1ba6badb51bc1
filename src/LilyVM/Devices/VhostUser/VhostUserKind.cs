using System.Globalization;
using LilyVM.Devices.Virtio;

namespace LilyVM.Devices.VhostUser;

/// <summary>What a front end must know of a type of device: what its back ends do not tell.</summary>
/// <param name="Name">Its name on the command line; null for a type known by its number only.</param>
/// <param name="Id">Device type (virtio 1.2, chapter 5).</param>
/// <param name="Queues">Queues that a driver finds.</param>
internal sealed record VhostUserKind(string? Name, uint Id, int Queues)
{
    /// <summary>The least and the most number that a type can have.</summary>
    internal const uint FirstId = 1, LastId = 63;

    /// <summary>Most queues of a type that is known by its number only.</summary>
    internal const int MostQueues = 4;

    // Bits 0 to 23 belong to the type of device (virtio 1.2, 2.2).
    private const ulong AllOfTheType = 0xFF_FFFF;

    /// <summary>Shared folders (5.11): the tag is ours to tell; requests of high priority have a queue of their own.</summary>
    internal static VhostUserKind FileSystem { get; } = new("fs", 26, 2) { Features = 0, Fail = RequestFailure.FailFileSystem };

    /// <summary>Disks (5.2), with one queue: without VIRTIO_BLK_F_MQ. The driver may write writeback.</summary>
    internal static VhostUserKind Block { get; } =
        new("blk", 2, 1)
        {
            Features = AllOfTheType & ~(1u << 12), ConfigurationBytes = 60, WritableByte = 32, Fail = RequestFailure.FailBlock,
            IsRefused = RequestFailure.IsRefusedBlock,
        };

    /// <summary>
    /// Network cards (5.1) without a control queue, whose requests would be the front end's to carry out: VIRTIO_NET_F_CTRL_VQ and what
    /// needs it; and without VIRTIO_NET_F_MTU, which nobody tells us. USO is beyond bit 23.
    /// </summary>
    internal static VhostUserKind Network { get; } = new("net", 1, 2) { Features = 0x1_FFF7 | 7ul << 54 };

    /// <summary>All types that have a name.</summary>
    internal static IReadOnlyList<VhostUserKind> Named { get; } =
    [
        FileSystem, Block, Network, new("rng", 4, 1) { Features = 0 },

        // The queue of events (5.10.2) is the front end's; it has none to tell.
        new("vsock", 19, 3) { BackEndQueues = 2, ConfigurationBytes = 8 },
    ];

    /// <summary>Of the queues, how many the back end gets: the first ones.</summary>
    internal int BackEndQueues { get; private init; } = Queues;

    /// <summary>Which of the type's own features a driver may have, if the back end has them.</summary>
    internal ulong Features { get; private init; } = AllOfTheType;

    /// <summary>Bytes of the configuration space that the back end is asked for.</summary>
    internal int ConfigurationBytes { get; private init; }

    /// <summary>Offset of the one byte there that a driver may write; null if there is none.</summary>
    internal uint? WritableByte { get; private init; }

    /// <summary>
    /// Answers a request with an error when there is no back end any more; null where there is no such answer, and the driver is asked for
    /// a reset instead.
    /// </summary>
    internal Action<VirtqueueChain>? Fail { get; private init; }

    /// <summary>Whether the back end has refused a request that it is done with; null if it cannot be told.</summary>
    internal Func<VirtqueueChain, bool>? IsRefused { get; private init; }

    /// <summary>That of a name or a number.</summary>
    /// <exception cref="LilyVMException">There is none.</exception>
    internal static VhostUserKind Parse(string type, int? queues)
    {
        if (Named.FirstOrDefault(k => k.Name == type) is { } named)
        {
            return queues is null
                ? named
                : throw new LilyVMException($"A vhost-user device of type {type} has {named.Queues} queues; leave out queues.");
        }
        if (!uint.TryParse(type, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) || id is < FirstId or > LastId)
        {
            string names = string.Join(", ", Named.Select(k => k.Name));
            throw new LilyVMException($"'{type}' is no type of vhost-user device; give one of {names}, or the number of a virtio " +
                $"device type, {FirstId} to {LastId}.");
        }
        if (queues is < 1 or > MostQueues)
            throw new LilyVMException($"A vhost-user device has 1 to {MostQueues} queues, not {queues}.");
        return new VhostUserKind(null, id, queues ?? 1) { ConfigurationBytes = 256 };
    }
}
