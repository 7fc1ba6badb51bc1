using System.Runtime.InteropServices;
using LilyVM.Hypervisor.User;

namespace LilyVM.Engines.User;

/// <summary>The template stub: started by the VM process with two files open and nothing else, and the parent of all other stubs.</summary>
internal sealed unsafe class StubProcess : IDisposable
{
    private const string Image = "stub.elf";
    private const int SpawnActionsSize = 128, SpawnAttributesSize = 512; // sizeof(posix_spawn_file_actions_t) is 80, of posix_spawnattr_t 336
    private readonly Thread watcher;
    private volatile bool hasEnded;

    /// <summary>Starts it. The calling thread must live as long as the machine runs: the stub dies with it (PR_SET_PDEATHSIG).</summary>
    /// <param name="ram">Guest RAM.</param>
    /// <param name="machine">The shared state.</param>
    /// <param name="onEnd">Called on another thread when the process has ended.</param>
    internal StubProcess(MemoryFile ram, MemoryFile machine, Action onEnd)
    {
        byte[] bytes = Resource.Read(Image);
        using var file = new MemoryFile("lilyvm-stub", bytes.Length);
        bytes.CopyTo(new Span<byte>(file.Start, bytes.Length));
        Id = Spawn(file.Descriptor, ram.Descriptor, machine.Descriptor);
        watcher = new Thread(() => Watch(onEnd)) { IsBackground = true, Name = "stub watcher" };
        watcher.Start();
    }

    /// <summary>Process id.</summary>
    internal int Id { get; }

    /// <summary>Wait status once the process has ended.</summary>
    internal int? EndStatus => hasEnded ? status : null;

    private int status;

    /// <summary>Kills it, and with it all stubs, and waits until it is gone.</summary>
    public void Dispose()
    {
        if (!hasEnded)
            _ = HostCalls.Kill(Id, HostCalls.KillSignal);
        watcher.Join();
    }

    private static int Spawn(int image, int ram, int machine)
    {
        byte* actions = stackalloc byte[SpawnActionsSize], attributes = stackalloc byte[SpawnAttributesSize];
        Check(HostCalls.InitializeActions(actions));
        Check(HostCalls.InitializeAttributes(attributes));
        try
        {
            // A process group of its own: Ctrl-C on a terminal is for the VM process, which ends the stubs in order.
            Check(HostCalls.SetAttributeFlags(attributes, HostCalls.SetProcessGroup));
            Check(HostCalls.SetAttributeGroup(attributes, 0));
            for (int standard = 0; standard < 3; standard++)
                Check(HostCalls.AddClose(actions, standard));
            Check(HostCalls.AddDuplicate(actions, ram, Layout.RamFile));
            Check(HostCalls.AddDuplicate(actions, machine, Layout.MachineFileDescriptor));
            Check(HostCalls.AddDuplicate(actions, image, Layout.ImageFile)); // the stub closes it
            Check(HostCalls.AddCloseFrom(actions, Layout.ImageFile + 1));
            fixed (byte* name = "lilyvm-stub\0"u8)
            {
                byte** arguments = stackalloc byte*[2] { name, null };
                byte** environment = stackalloc byte*[1] { null };
                Check(HostCalls.Spawn(out int process, $"/proc/self/fd/{Layout.ImageFile}", actions, attributes, arguments, environment));
                return process;
            }
        }
        finally
        {
            _ = HostCalls.DestroyAttributes(attributes);
            _ = HostCalls.DestroyActions(actions);
        }
    }

    private static void Check(int error)
    {
        if (error != 0)
            throw new LilyVMException($"The stub process cannot be started: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    private void Watch(Action onEnd)
    {
        while (HostCalls.WaitFor(Id, out status, 0) < 0 && Marshal.GetLastPInvokeError() == 4)
        {
            // interrupted by a signal
        }
        hasEnded = true;
        onEnd();
    }
}
