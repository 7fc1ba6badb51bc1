namespace LilyVM.Devices.Network;

/// <summary>
/// What a network card is connected to. The card's thread calls all members but <see cref="Connect"/>; a frame is an Ethernet frame
/// without its checksum.
/// </summary>
internal interface INetworkPeer : IDisposable
{
    /// <summary>Largest frame that it takes, in bytes.</summary>
    int MaxFrame { get; }

    /// <summary>Why no frame comes or goes any more, in a sentence for the user; null while the link is up.</summary>
    string? Failure { get; }

    /// <summary>Names what is called, from any thread, when frames may have arrived and when there may be room again.</summary>
    void Connect(Action arrived, Action room);

    /// <summary>
    /// The next frame that arrived, the same until <see cref="Skip"/>. Without one <c>arrived</c> is called when there may be.
    /// </summary>
    bool TryPeek(out ReadOnlySpan<byte> frame);

    /// <summary>Done with that frame.</summary>
    void Skip();

    /// <summary>
    /// Room for the next frame, of at most <see cref="MaxFrame"/> bytes; empty if there is none, and <c>room</c> is called when there is.
    /// </summary>
    Span<byte> Room();

    /// <summary>
    /// Takes the frame of so many bytes that was written into the <see cref="Room"/>; it may wait for <see cref="Flush"/>.
    /// </summary>
    void Add(int length);

    /// <summary>Sends what was added, as far as that goes without waiting; the rest follows.</summary>
    void Flush();
}
