namespace LilyVM;

/// <summary>A virtio device that another process serves, its back end, by the vhost-user protocol.</summary>
/// <param name="Socket">Path of the Unix socket on which the back end listens.</param>
/// <param name="Type">
/// What it is: <c>fs</c>, <c>blk</c>, <c>net</c>, <c>rng</c>, <c>vsock</c>, or the number of a virtio device type (virtio 1.2, chapter 5).
/// </param>
public sealed record VhostUserOptions(string Socket, string Type)
{
    /// <summary>Of a file system: the name by which the guest mounts it, 1 to 36 bytes.</summary>
    public string? Tag { get; init; }

    /// <summary>
    /// Of a network card: its address, as <c>52:54:00:12:34:56</c>, which is what it is otherwise; needed where a back end connects several
    /// machines, or a machine has several.
    /// </summary>
    public string? Mac { get; init; }

    /// <summary>How many queues it has, 1 to 4; only for a type that is given by its number, which has 1 otherwise.</summary>
    public int? Queues { get; init; }
}
