using System.Threading;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// The single vCPU passes between the stubs, one for each address space, all on one host CPU. State is in shared memory but for FPU
/// registers, which go through a page of it. Safe: that memory is mapped in every stub as long as it lives.
/// </summary>
internal static unsafe class Baton
{
    /// <summary>CR3 was loaded. Returns in the stub that has the new address space.</summary>
    public static void Switch(Vcpu* cpu)
    {
        This.Count(Counter.Cr3Loads);
        if ((cpu->Cr0 & ControlBits.Paging) == 0)
            return;
        Word directory = cpu->Cr3 & PageWalk.Frame;
        if (This.Slot(This.Index)->Directory == directory)
        {
            AddressSpace.FlushPrograms(cpu);
            return;
        }
        StubSpace.LeaveStart();
        if (This.Slot(This.Index)->Directory == StubSlot.NoDirectory)
        {
            // The stub that booted takes the first page directory.
            This.Slot(This.Index)->Directory = directory;
            AddressSpace.FlushPrograms(cpu);
            return;
        }
        StubSpace.Leave(cpu);
        Pass(This.Machine, Find(This.Machine, directory));
        Enter(cpu);
    }

    /// <summary>A stub starts: waits until it gets the baton for the first time.</summary>
    public static void WaitForFirst()
    {
        Await(This.Slot(This.Index));
        *This.Attention = 1; // of the first stub: perhaps the machine is to stop before it starts
        Enter(This.Vcpu);
    }

    private static void Pass(Machine* machine, uint to)
    {
        This.Count(Counter.Batons);
        if (This.FrameFpu != null)
        {
            Native.RestoreFpu(This.FrameFpu, This.FrameFpuComponents);
            This.FrameFpu = null;
        }
        Native.SaveFpu((void*)Layout.Fpu, machine->FpuComponents);
        StubSlot* slot = This.Slot(to), mine = This.Slot(This.Index);
        slot->LastUse = ++machine->Clock;
        machine->HolderProcess = slot->Process;
        Volatile.Write(ref slot->Go, 1);
        Host.Wake(&slot->Go);
        Await(mine);
    }

    private static void Await(StubSlot* mine)
    {
        while (Volatile.Read(ref mine->Go) == 0)
            Host.Wait(&mine->Go, 0);
        mine->Go = 0;
    }

    // This stub has the baton again: time has passed, and what it has mapped may be stale.
    private static void Enter(Vcpu* cpu)
    {
        Native.RestoreFpu((void*)Layout.Fpu, This.Machine->FpuComponents);
        StubSpace.Arrive();
        AddressSpace.CatchUp(cpu);
        AddressSpace.FlushPrograms(cpu);
    }

    private static uint Find(Machine* machine, Word directory)
    {
        uint ready = Machine.MaxStubs, oldest = Machine.MaxStubs, count = Volatile.Read(ref machine->StubCount);
        for (uint i = 0; i < count; i++)
        {
            StubSlot* slot = This.Slot(i);
            if (slot->Directory == directory)
                return i;
            if (slot->Directory == StubSlot.NoDirectory)
                ready = i;
            else if (i != This.Index && (oldest == Machine.MaxStubs || slot->LastUse < This.Slot(oldest)->LastUse))
                oldest = i;
        }
        if (ready == Machine.MaxStubs && count < Machine.MaxStubs)
            ready = Pool.Take(machine);
        else if (ready != Machine.MaxStubs)
            Pool.Refill(machine);
        if (ready != Machine.MaxStubs)
        {
            This.Slot(ready)->Directory = directory;
            return ready;
        }
        This.Count(Counter.StubsReused);
        This.Slot(oldest)->Directory = directory;
        return oldest;
    }
}
