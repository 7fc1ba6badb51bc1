using System.Buffers.Binary;
using System.Net.NetworkInformation;
using System.Text;

namespace LilyVM.Devices.VhostUser;

/// <summary>Configuration spaces that are not the back end's to tell.</summary>
internal static class VhostUserConfiguration
{
    /// <summary>Bytes of a tag at most.</summary>
    internal const int TagBytes = 36;

    private const int MacBytes = 6;
    private const string DefaultMac = "52:54:00:12:34:56"; // QEMU's first one

    /// <summary>Of a file system (virtio 1.2, 5.11.4): the tag, and one queue of requests.</summary>
    internal static byte[] OfFileSystem(string? tag)
    {
        byte[] name = Encoding.UTF8.GetBytes(tag ?? "");
        if (name.Length is 0 or > TagBytes || name.Contains((byte)0))
        {
            throw new LilyVMException(tag is null
                ? "A file system has no tag by which the guest could mount it; add tag=NAME."
                : $"'{tag}' is no tag of a file system; give one of 1 to {TagBytes} bytes.");
        }
        byte[] configuration = new byte[TagBytes + sizeof(uint)];
        name.CopyTo(configuration, 0);
        configuration[TagBytes] = 1;
        return configuration;
    }

    /// <summary>Of a network card (5.1.4): its address, that the link is up, and one pair of queues.</summary>
    internal static byte[] OfNetwork(string? mac)
    {
        if (!PhysicalAddress.TryParse((mac ?? DefaultMac).Replace(':', '-').ToUpperInvariant(), out PhysicalAddress? address)
            || address.GetAddressBytes() is not { Length: MacBytes } bytes || (bytes[0] & 1) != 0)
            throw new LilyVMException($"'{mac}' is no address of a network card; give one such as {DefaultMac}.");
        byte[] configuration = new byte[10];
        bytes.CopyTo(configuration, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(configuration.AsSpan(MacBytes), 1); // VIRTIO_NET_S_LINK_UP
        BinaryPrimitives.WriteUInt16LittleEndian(configuration.AsSpan(MacBytes + 2), 1); // max_virtqueue_pairs
        return configuration;
    }
}
