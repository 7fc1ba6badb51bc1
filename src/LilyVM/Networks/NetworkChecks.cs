using System.Globalization;

namespace LilyVM.Networks;

/// <summary>Refuses networks that no machine can have, each with a sentence, before anything is made for them.</summary>
internal static class NetworkChecks
{
    private const int AddressBytes = 6;
    private const byte GroupBit = 1; // of the first byte: an address of many

    /// <summary>Passes where the networks can be, as far as is to be seen now.</summary>
    internal static void Require(IReadOnlyList<NetworkOptions> networks)
    {
        if (networks.OfType<UserNetwork>().Count() > 1)
            throw new LilyVMException("The host's network is given twice; a machine has it once.");
        foreach (NetworkOptions network in networks)
        {
            if (network.Mtu is < NetworkOptions.SmallestMtu or > NetworkOptions.LargestMtu)
            {
                throw new LilyVMException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"An MTU of {network.Mtu} cannot be; give {NetworkOptions.SmallestMtu} to {NetworkOptions.LargestMtu}."));
            }
            if (network.Address?.GetAddressBytes() is { } address && (address.Length != AddressBytes || (address[0] & GroupBit) != 0))
                throw new LilyVMException($"No card has the MAC address {network.Address}; give one of six bytes, the first of them even.");
            if (network is VhostUserNetwork { Mtu: not null })
                throw new LilyVMException("The back end of a vhost-user network has its own MTU; leave out mtu.");
            if (network is UserNetwork user)
                Require(user);
        }
    }

    private static void Require(UserNetwork network)
    {
        Passt.Program.Require();
        foreach (PortForward forward in network.Forwards)
        {
            forward.Choose();
            if (forward.HostPort != 0 && network.Forwards.Count(f => f.HostPort == forward.HostPort && f.Protocol == forward.Protocol
                && Equals(f.HostAddress, forward.HostAddress)) > 1)
            {
                throw new LilyVMException(string.Create(
                    CultureInfo.InvariantCulture, $"The host's port {forward.HostPort} is forwarded twice; forward it once."));
            }
        }
    }
}
