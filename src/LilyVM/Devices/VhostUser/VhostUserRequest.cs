namespace LilyVM.Devices.VhostUser;

/// <summary>
/// The requests that a front end makes, by their numbers (QEMU, docs/interop/vhost-user.rst, "Front-end message types"). What each carries
/// stands with the method of <see cref="VhostUserFrontEnd"/> that sends it.
/// </summary>
internal enum VhostUserRequest : uint
{
    GetFeatures = 1,
    SetFeatures = 2,
    SetOwner = 3,
    SetMemTable = 5,
    SetVringNum = 8,
    SetVringAddr = 9,
    SetVringBase = 10,
    GetVringBase = 11,
    SetVringKick = 12,
    SetVringCall = 13,
    GetProtocolFeatures = 15,
    SetProtocolFeatures = 16,
    GetQueueNum = 17,
    SetVringEnable = 18,
    GetConfig = 24,
    SetConfig = 25,
}

/// <summary>Extensions of the protocol that both sides have agreed on ("Protocol features").</summary>
[Flags]
internal enum VhostUserProtocol : ulong
{
    None = 0,

    /// <summary>The back end tells how many queues it has.</summary>
    MultipleQueues = 1 << 0,

    /// <summary>A request may ask for an answer that says whether it was carried out.</summary>
    ReplyAck = 1 << 3,

    /// <summary>The back end has the configuration space.</summary>
    Configuration = 1 << 9,
}
