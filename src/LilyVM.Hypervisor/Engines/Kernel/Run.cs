using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>
/// The run loop: what brought the guest to a stop is handled, then <see cref="Settle"/> makes everything ready to enter it again. The
/// hypervisor's one stack is empty whenever the guest runs.
/// </summary>
internal static unsafe class Run
{
    private const uint FirstInterrupt = 32, GoOn = 1, DeliverQuickly = 8;

    private static uint refusals, controlSeen;

    /// <summary>From assembly: an exception, interrupt or software interrupt while the guest ran. Its state is in the vCPU.</summary>
    [RuntimeExport("lily_on_trap")]
    public static void OnTrap(uint vector, uint error)
    {
        Vcpu* cpu = TakeOver();
        if (vector < FirstInterrupt || vector == Traps.SystemCall)
        {
            Outcomes.Carry(cpu, Traps.Handle(cpu, vector, error));
        }
        else if (vector < 256) // not the stub's for what came up behind our back
        {
            This.Count(KernelCounter.HostInterrupts);
            Host.Call(HostService.Interrupt, vector);
            if (Exits.AnyPosted())
                Exits.Leave(KernelExit.Posted);
        }
        Settle(cpu);
    }

    /// <summary>
    /// From assembly: a page fault while the guest ran, before anything is saved. 1: the guest may go on as it is. More: it is a program's
    /// and for its kernel, with the lower three bits as error code. 0: neither is that simple.
    /// </summary>
    [RuntimeExport("lily_on_page_fault")]
    public static uint OnPageFault(KernelMachine* machine, ulong address, uint error)
    {
        ShadowMmu* mmu = &machine->Mmu;
        mmu->Counters[(int)KernelCounter.PageFaults]++;
        // Each of the two in a method of its own has the fewest registers to save.
        return ShadowMmu.IsAgain(mmu, address, error) ? TryAgain(machine, (uint)address, error) : Decide(machine, address, error);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint TryAgain(KernelMachine* machine, uint gva, uint error)
    {
        ShadowMmu* mmu = &machine->Mmu;
        return ShadowMmu.FillAgain(mmu, gva, error) == FillResult.Filled && machine->Attention == 0 && !mmu->ReloadWanted
            ? GoOn
            : Decide(machine, gva, error);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint Decide(KernelMachine* machine, ulong address, uint error)
    {
        ShadowMmu* mmu = &machine->Mmu;
        FillResult result = FillResult.Undecided;
        if (address < VmArea.Base)
            result = ShadowMmu.FillQuickly(mmu, (uint)address, error & (AccessFlags.Write | AccessFlags.User | AccessFlags.Fetch));
        if (machine->Attention != 0 || mmu->ReloadWanted)
            return DecideSlowly(machine, address, error, result);
        return result switch
        {
            FillResult.Filled => GoOn,
            FillResult.GuestFault => Refuse(machine, address, error),
            _ => DecideSlowly(machine, address, error, result),
        };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint DecideSlowly(KernelMachine* machine, ulong address, uint error, FillResult result)
    {
        Traps.FaultAddress = address;
        Traps.ErrorCode = error;
        Traps.Refused = false;
        if (address >= VmArea.Base)
            return 0;
        if (result == FillResult.Undecided)
            result = Traps.Fill((uint)address, error & (AccessFlags.Write | AccessFlags.User));
        OwnTraps.FlushIfWanted();
        if (result == FillResult.GuestFault)
            return Refuse(machine, address, error);
        return result == FillResult.Filled && machine->Attention == 0 ? GoOn : 0;
    }

    // What it is for assembly, or for OnTrap if not that simple: the vCPU keeps how it was refused, so that the walk is not made twice.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Refuse(KernelMachine* machine, ulong address, uint error)
    {
        Traps.FaultAddress = address;
        Traps.ErrorCode = error;
        Traps.Refused = true;
        Vcpu* cpu = &machine->Vcpu;
        if ((error & AccessFlags.User) == 0 || (machine->Attention | cpu->VirtualFlags) != 0)
            return 0;
        cpu->Page->Cr2 = (uint)address;
        return DeliverQuickly | cpu->Fault.ErrorCode;
    }

    /// <summary>From assembly: the VM library asks for a jump table entry, whose number lies behind the INT.</summary>
    [RuntimeExport("lily_on_hypercall")]
    public static void OnHypercall()
    {
        This.Count(KernelCounter.Hypercalls);
        uint offset = This.Vcpu->Ip - VmArea.Base;
        if (offset >= VmArea.LibrarySize)
            offset += VmArea.LinkOffset;
        bool known = offset < VmArea.LibrarySize - 2;
        uint number = known ? *(ushort*)(KernelLayout.VmArea + offset) : 0u;
        if (known && QuickFlush.Try(This.Machine, number))
            return;
        Vcpu* cpu = TakeOver();
        if (known)
            Call(cpu, number);
        else
            Outcomes.Carry(cpu, Events.Software(cpu, KernelLayout.HypercallVector, cpu->Ip, cpu->Ip - 2)); // not the library's
        Settle(cpu);
    }

    /// <summary>From assembly: something came up between <see cref="Settle"/> and the guest.</summary>
    [RuntimeExport("lily_on_attention")]
    public static void OnAttention() => Settle(This.Vcpu);

    /// <summary>From assembly: the CPU refused the guest's CS or SS.</summary>
    [RuntimeExport("lily_on_refused")]
    public static void OnRefused()
    {
        Vcpu* cpu = This.Vcpu;
        refusals++;
        if (refusals == 1)
            GuestTables.CopyGdt(cpu); // perhaps only our copy was old
        else if (refusals < 4)
            Outcomes.Carry(cpu, Traps.Raise(cpu, Vectors.GeneralProtection, cpu->Page->Cs & 0xFFFC));
        else
            Exits.Shutdown(ShutdownReason.TripleFault);
        cpu->SegmentsChanged |= Segments.Again;
        Settle(cpu);
    }

    private static void Call(Vcpu* cpu, uint number)
    {
        Outcomes.Carry(cpu, Hypercalls.Execute(cpu, number));
        if (number >= EntryTable.Count)
            return;
        Op op = EntryTable.OpOf(EntryTable.Word(number));
        if (op == Op.Lgdt)
            GuestTables.CopyGdt(cpu);
        else if (op is Op.LongJump or Op.LongCall or Op.Lret or Op.Iret)
            HiddenParts.Release(1u << (int)Segments.Cs);
        else if (op == Op.Lldt)
            GuestTables.CopyLdt(cpu);
    }

    private static Vcpu* TakeOver()
    {
        Vcpu* cpu = This.Vcpu;
        refusals = 0;
        Time.Reset();
        Selectors.Capture(cpu, This.Machine);
        Flags.TakeNestedTask(cpu);
        return cpu;
    }

    /// <summary>The last thing before the guest goes on.</summary>
    public static void Settle(Vcpu* cpu)
    {
        KernelMachine* machine = This.Machine;
        do
        {
            machine->Attention = 0;
            if (Volatile.Read(ref This.Context->Flush) != 0)
                EmptyTables();
            if (machine->LookAtInputs != 0)
                InterruptInputs.Sample(machine);
            if (machine->InterruptWaits != 0)
                Deliver(cpu, machine);
            cpu->Page->Pending = machine->InterruptWaits;
            GuestTables.Follow(cpu);
            if (cpu->Cpl == 3)
                GuestTables.CheckWatched(cpu);
            if (cpu->Cr0 != controlSeen)
            {
                controlSeen = cpu->Cr0;
                Fpu.FollowCr0(cpu);
            }
            Selectors.Install(cpu, machine);
            machine->RealFlags = (cpu->Flags & ~(Flags.IoPrivilege | Flags.NestedTask | Flags.Resume | Flags.Virtual8086)) | Flags.Interrupt
                | Flags.Fixed
                | (cpu->VirtualFlags & Flags.NestedTask);
            OwnTraps.FlushIfWanted();
        }
        while (machine->Attention != 0);
    }

    private static void Deliver(Vcpu* cpu, KernelMachine* machine)
    {
        if (!Flags.Interrupts(cpu))
        {
            // The library may have looked for interrupts already, on its way to a program.
            if (cpu->Cpl == 0 && LibraryFaults.IsInside(cpu->Ip) && !LibraryFaults.Recover(cpu))
                Time.RingSoon(machine);
            return;
        }
        This.Count(KernelCounter.Interrupts);
        Outcomes.Carry(cpu, Events.Interrupt(cpu, machine->Interrupts.Pic.Acknowledge()));
        machine->InterruptWaits = machine->Interrupts.Pic.Pending ? 1u : 0;
    }

    // Pages of guest RAM left: no entry may name them when the guest goes on.
    private static void EmptyTables()
    {
        This.Count(KernelCounter.HostFlushes);
        Volatile.Write(ref This.Context->Flush, 0);
        ShadowMmu.Empty(This.Mmu);
    }
}
