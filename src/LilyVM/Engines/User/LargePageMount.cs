extern alias X64;

using Layout = X64::LilyVM.Hypervisor.Shared.User.Layout;

namespace LilyVM.Engines.User;

/// <summary>
/// A tmpfs whose files the host gives in pages of 2 MiB, as they are touched (<c>huge=always</c>): a mount that is nowhere in the file
/// system (fsopen(2), fsmount(2); Linux 5.2 and later). A helper mounts it. That takes CAP_SYS_ADMIN, which everybody has in a user
/// namespace of his own.
/// </summary>
internal static class LargePageMount
{
    private const string Helper = "stub-x64.elf";

    /// <summary>
    /// Its descriptor, closed on exec; -1 if this user may not mount, or the host has no large pages, or, in a namespace, gives ordinary
    /// users none or no rights there.
    /// </summary>
    internal static int TryOpen(bool inNamespace)
    {
        if (!DescriptorSocket.TryMakePair(out int mine, out int its))
            return -1;
        string argument = ((char)(inNamespace ? Layout.InNamespace : Layout.AsItIs)).ToString();
        int error = StubImage.Spawn(Helper, [its], argument, out int process);
        _ = HostCalls.Close(its); // so that the helper's end is the end of what can be received
        int mount = error == 0 ? DescriptorSocket.Receive(mine) : -1;
        _ = HostCalls.Close(mine);
        if (error == 0)
            StubImage.Wait(process);
        return mount;
    }
}
