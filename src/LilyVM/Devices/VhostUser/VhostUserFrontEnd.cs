using System.Buffers.Binary;
using LilyVM.Memory;

namespace LilyVM.Devices.VhostUser;

/// <summary>A queue as the driver set it up, for the back end: addresses are guest physical and lie in guest RAM.</summary>
internal readonly record struct Vring(
    uint Index, uint Size, ulong Descriptors, ulong Available, ulong Used, EventFile Kick, EventFile Call);

/// <summary>
/// Our side of the vhost-user protocol (QEMU, docs/interop/vhost-user.rst): what each request carries, and in which order they come. One
/// thread at a time.
/// </summary>
internal sealed class VhostUserFrontEnd : IDisposable
{
    private const ulong HasProtocolFeatures = 1 << 30; // VHOST_USER_F_PROTOCOL_FEATURES
    private const VhostUserProtocol Known = VhostUserProtocol.MultipleQueues | VhostUserProtocol.ReplyAck | VhostUserProtocol.Configuration;

    // What the back end takes for addresses of ours: any bijection with guest physical ones will do, and ours are nobody's business.
    private const ulong AddressBase = 1ul << 46;

    private readonly VhostUserSocket socket;
    private readonly GuestRam ram;
    private readonly VhostUserProtocol protocol;

    /// <summary>Takes over a connection, and agrees with the back end on what both know.</summary>
    internal VhostUserFrontEnd(VhostUserSocket socket, GuestRam ram)
    {
        this.socket = socket;
        this.ram = ram;
        Features = AskForNumber(VhostUserRequest.GetFeatures);
        socket.Send(VhostUserRequest.SetOwner, default);
        if ((Features & HasProtocolFeatures) == 0)
            return;
        protocol = (VhostUserProtocol)AskForNumber(VhostUserRequest.GetProtocolFeatures) & Known;
        SendNumber(VhostUserRequest.SetProtocolFeatures, (ulong)protocol); // an answer can be asked for from the next one on
        acknowledges = (protocol & VhostUserProtocol.ReplyAck) != 0;
    }

    private readonly bool acknowledges;

    /// <summary>The virtio features that it offers.</summary>
    internal ulong Features { get; }

    /// <summary>Whether the configuration space is the back end's.</summary>
    internal bool HasConfiguration => (protocol & VhostUserProtocol.Configuration) != 0;

    /// <summary>How many queues it has, if it tells; otherwise as many as the type of device needs.</summary>
    internal ulong? QueueCount() =>
        (protocol & VhostUserProtocol.MultipleQueues) != 0 ? AskForNumber(VhostUserRequest.GetQueueNum) : null;

    /// <summary>Reads the configuration space: offset, length and flags, 4 bytes each, then the bytes; the answer is the same.</summary>
    internal void ReadConfiguration(Span<byte> configuration)
    {
        const int Header = 12;
        Span<byte> payload = stackalloc byte[Header + configuration.Length];
        payload.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(payload[4..], configuration.Length);
        socket.Send(VhostUserRequest.GetConfig, payload);
        socket.Receive(VhostUserRequest.GetConfig, payload);
        payload[Header..].CopyTo(configuration);
    }

    /// <summary>Tells of a byte of the configuration space that the driver wrote.</summary>
    internal void WriteConfiguration(uint offset, byte value)
    {
        Span<byte> payload = stackalloc byte[13];
        payload.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(payload, offset);
        BinaryPrimitives.WriteInt32LittleEndian(payload[4..], 1);
        payload[12] = value;
        Set(VhostUserRequest.SetConfig, payload);
    }

    /// <summary>Gives the back end guest RAM and the queues to work on.</summary>
    internal void Start(ulong driverFeatures, IReadOnlyList<Vring> rings)
    {
        SetNumber(VhostUserRequest.SetFeatures, driverFeatures & Features | Features & HasProtocolFeatures);
        SetMemory();
        foreach (Vring ring in rings)
        {
            SetState(VhostUserRequest.SetVringNum, ring.Index, ring.Size);
            SetState(VhostUserRequest.SetVringBase, ring.Index, 0);
            SetAddresses(ring);
            SetNumber(VhostUserRequest.SetVringCall, ring.Index, ring.Call.Descriptor);
            SetNumber(VhostUserRequest.SetVringKick, ring.Index, ring.Kick.Descriptor);
            if ((Features & HasProtocolFeatures) != 0) // otherwise it begins at once
                SetState(VhostUserRequest.SetVringEnable, ring.Index, 1);
        }
    }

    /// <summary>Has the back end let go of a queue; it has finished what it began when this returns.</summary>
    internal void Stop(uint ring)
    {
        Span<byte> state = stackalloc byte[8];
        WriteState(state, ring, 0);
        socket.Send(VhostUserRequest.GetVringBase, state);
        socket.Receive(VhostUserRequest.GetVringBase, state);
    }

    /// <summary>Ends the connection. Any thread may call it, and several times.</summary>
    internal void HangUp() => socket.HangUp();

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    // Number of regions, padding; of each its guest physical address, size, address of ours and place in the file that comes with it.
    private void SetMemory()
    {
        const int Header = 8, Region = 32;
        IReadOnlyList<RamPart> parts = ram.Parts;
        Span<byte> payload = stackalloc byte[Header + Region * parts.Count];
        BinaryPrimitives.WriteInt64LittleEndian(payload, parts.Count);
        for (int i = 0; i < parts.Count; i++)
        {
            WriteWords(payload[(Header + Region * i)..],
                parts[i].Address, parts[i].Size, AddressBase + parts[i].Address, parts[i].Address);
        }
        Span<int> files = stackalloc int[parts.Count];
        files.Fill(ram.Descriptor);
        Set(VhostUserRequest.SetMemTable, payload, files);
    }

    // Index, flags, then the addresses of descriptor table, used ring and available ring, and of a log that is not kept.
    private void SetAddresses(Vring ring)
    {
        Span<byte> payload = stackalloc byte[40];
        WriteWords(payload, ring.Index, AddressBase + ring.Descriptors, AddressBase + ring.Used, AddressBase + ring.Available, 0);
        Set(VhostUserRequest.SetVringAddr, payload);
    }

    private ulong AskForNumber(VhostUserRequest request)
    {
        Span<byte> payload = stackalloc byte[sizeof(ulong)];
        socket.Send(request, default);
        socket.Receive(request, payload);
        return BinaryPrimitives.ReadUInt64LittleEndian(payload);
    }

    private void SendNumber(VhostUserRequest request, ulong value)
    {
        Span<byte> payload = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, value);
        socket.Send(request, payload);
    }

    private void SetNumber(VhostUserRequest request, ulong value, params ReadOnlySpan<int> files)
    {
        Span<byte> payload = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, value);
        Set(request, payload, files);
    }

    private void SetState(VhostUserRequest request, uint ring, uint value)
    {
        Span<byte> payload = stackalloc byte[8];
        WriteState(payload, ring, value);
        Set(request, payload);
    }

    private static void WriteState(Span<byte> payload, uint ring, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(payload, ring);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[4..], value);
    }

    private static void WriteWords(Span<byte> payload, params ReadOnlySpan<ulong> words)
    {
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(payload[(sizeof(ulong) * i)..], words[i]);
    }

    // With an answer, a number that is not 0 for what was refused, if the back end can give one.
    private void Set(VhostUserRequest request, ReadOnlySpan<byte> payload, params ReadOnlySpan<int> files)
    {
        socket.Send(request, payload, acknowledges, files);
        if (!acknowledges)
            return;
        Span<byte> answer = stackalloc byte[sizeof(ulong)];
        socket.Receive(request, answer);
        if (answer.ContainsAnyExcept((byte)0))
            throw socket.Fails($"refuses {request}");
    }
}
