using System.Threading;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Stubs in store. The first process, the template, never runs the guest: it only forks stubs, ahead of need, so that a new address space
/// of the guest rarely waits for a fork. Safe: works on the machine's shared state.
/// </summary>
internal static unsafe class Pool
{
    private const uint Ahead = 3;
    private const ulong ChildExit = 17, VmProcessesChild = 0x8000; // SIGCHLD, CLONE_PARENT

    /// <summary>What the template does all its life; returns in each new stub.</summary>
    public static void Serve()
    {
        Machine* machine = This.Machine;
        while (true)
        {
            uint bell = Volatile.Read(ref machine->TemplateBell), request = Volatile.Read(ref machine->StubRequest);
            while (machine->StubCount < Machine.MaxStubs && machine->StubCount < request + Ahead)
            {
                uint index = machine->StubCount;
                nint process = Fork();
                if (process == 0)
                {
                    This.Index = index;
                    return;
                }
                This.Slot(index)->Process = (uint)process;
                This.Slot(index)->Directory = StubSlot.NoDirectory;
                if (index == 0)
                    Start(machine, (uint)process);
                Volatile.Write(ref machine->StubCount, index + 1);
                Host.Wake(&machine->StubCount);
            }
            Host.Wait(&machine->TemplateBell, bell);
        }
    }

    /// <summary>Waits for one more stub. The caller holds the baton, and there is room for one.</summary>
    public static uint Take(Machine* machine)
    {
        uint count = Volatile.Read(ref machine->StubCount);
        Refill(machine);
        while (Volatile.Read(ref machine->StubCount) == count)
            Host.Wait(&machine->StubCount, count);
        return count;
    }

    /// <summary>One stub was taken: asks for one more.</summary>
    public static void Refill(Machine* machine)
    {
        Volatile.Write(ref machine->StubRequest, machine->StubRequest + 1);
        Ring();
    }

    // Makes the template look at what changed.
    private static void Ring()
    {
        Interlocked.Increment(ref This.Machine->TemplateBell);
        Host.Wake(&This.Machine->TemplateBell);
    }

    // The first stub boots the guest.
    private static void Start(Machine* machine, uint process)
    {
        machine->HolderProcess = process;
        Volatile.Write(ref This.Slot(0)->Go, 1);
        Host.Wake(&This.Slot(0)->Go);
    }

    // The child goes on with a copy of this very stack. The VM process is its parent, so that it can wait for its end.
    private static nint Fork()
    {
        nint process = SetUp.Call(StubCall.Clone, VmProcessesChild | ChildExit);
        if (process != 0)
            SetUp.End();
        return process;
    }
}
