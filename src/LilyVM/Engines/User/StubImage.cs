using LilyVM.Hypervisor.Shared.User;

namespace LilyVM.Engines.User;

/// <summary>
/// Starts processes of a stub's image: with the files they are given, numbered from <see cref="Layout.RamFile"/> on, their image behind
/// those, and nothing else open.
/// </summary>
internal static unsafe class StubImage
{
    private const int SpawnActionsSize = 128, SpawnAttributesSize = 512; // posix_spawn_file_actions_t is 80, posix_spawnattr_t 336
    private const int Interrupted = 4; // EINTR

    /// <summary>Starts one; 0, or why that failed (errno).</summary>
    /// <param name="image">The resource that holds the image.</param>
    /// <param name="files">Descriptors here, none of them a number that one will have there.</param>
    /// <param name="argument">Its only argument, which makes it another program (MountHelper); null for a stub.</param>
    /// <param name="process">Process id, and id of its process group.</param>
    /// <param name="more">Descriptors that follow the image's.</param>
    internal static int Spawn(string image, ReadOnlySpan<int> files, string? argument, out int process, params ReadOnlySpan<int> more)
    {
        byte[] bytes = Resource.Read(image);
        using var file = new MemoryFile("lilyvm-stub", bytes.Length);
        bytes.CopyTo(new Span<byte>(file.Start, bytes.Length));
        byte* actions = stackalloc byte[SpawnActionsSize], attributes = stackalloc byte[SpawnAttributesSize];
        process = 0;
        int imageNumber = Layout.RamFile + files.Length;
        if (HostCalls.InitializeActions(actions) is not 0 and var noActions)
            return noActions;
        if (HostCalls.InitializeAttributes(attributes) is not 0 and var noAttributes)
            return noAttributes;
        try
        {
            // A process group of its own: Ctrl-C on a terminal is for the VM process, which ends the stubs in order.
            int error = HostCalls.SetAttributeFlags(attributes, HostCalls.SetProcessGroup) | HostCalls.SetAttributeGroup(attributes, 0);
            for (int standard = 0; standard < 3; standard++)
                error |= HostCalls.AddClose(actions, standard);
            for (int i = 0; i < files.Length; i++)
                error |= HostCalls.AddDuplicate(actions, files[i], Layout.RamFile + i);
            error |= HostCalls.AddDuplicate(actions, file.Descriptor, imageNumber); // a stub closes it
            for (int i = 0; i < more.Length; i++)
                error |= HostCalls.AddDuplicate(actions, more[i], imageNumber + 1 + i);
            error |= HostCalls.AddCloseFrom(actions, imageNumber + 1 + more.Length);
            if (error != 0)
                return error;
            byte[] word = argument is null ? [] : [.. System.Text.Encoding.UTF8.GetBytes(argument), 0];
            fixed (byte* name = "lilyvm-stub\0"u8, first = word)
            {
                byte** arguments = stackalloc byte*[3] { name, first, null };
                byte** environment = stackalloc byte*[1] { null };
                return HostCalls.Spawn(out process, $"/proc/self/fd/{imageNumber}", actions, attributes, arguments, environment);
            }
        }
        finally
        {
            _ = HostCalls.DestroyAttributes(attributes);
            _ = HostCalls.DestroyActions(actions);
        }
    }

    /// <summary>Waits for the end of one that ends by itself.</summary>
    internal static void Wait(int process)
    {
        while (HostCalls.WaitFor(process, out _, 0) < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == Interrupted)
        {
        }
    }
}
