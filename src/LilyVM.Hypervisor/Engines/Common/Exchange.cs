using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.Common;

/// <summary>
/// What goes to the VM process and comes from it, in every engine alike. Safe: values of the VM process are read once and never trusted.
/// </summary>
internal static unsafe class Exchange
{
    /// <summary>Makes the vCPU as it is at the guest's first instruction; its memory is zero.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="start">Its first registers.</param>
    /// <param name="cpuid">What CPUID is to tell.</param>
    /// <param name="ram">Guest RAM as the engine sees it.</param>
    /// <param name="ramEnd">Where it ends.</param>
    /// <param name="page">The vCPU page as the engine sees it.</param>
    public static void Begin(Vcpu* cpu, GuestRegisters* start, CpuidTable* cpuid, byte* ram, ulong ramEnd, VcpuPage* page)
    {
        CrossingRegisters.Load(cpu, start);
        cpu->Xcr0 = 1;
        cpu->Ram = ram;
        cpu->RamEnd = (Word)ramEnd;
        cpu->Page = page;
        CpuidTable.Copy(cpuid, &cpu->Cpuid);
    }

    /// <summary>Writes down what the VM process may want to know at an exit.</summary>
    public static void Describe(Vcpu* cpu, ExitRecord* exit)
    {
        exit->Access.Kind = cpu->Access.Kind;
        exit->Access.Width = cpu->Access.Width;
        exit->Access.Address = cpu->Access.Address;
        exit->Access.Value = cpu->Access.Value;
        exit->Shutdown = cpu->Shutdown;
        FaultChain.Copy(&cpu->Faults, &exit->Faults);
        CrossingRegisters.Store(cpu, &exit->Registers);
        if (exit->UnknownMsrs.Total != cpu->UnknownMsrs.Total)
            UnknownMsrs.Copy(&cpu->UnknownMsrs, &exit->UnknownMsrs);
    }

    /// <summary>Takes the VM process's answer to an access.</summary>
    public static void TakeAnswer(Vcpu* cpu, ExitRecord* exit) => cpu->Access.Value = Volatile.Read(ref exit->Access.Value);

    /// <summary>Brings the lines of the VM process's devices and the 8254's output to the 8259 pair.</summary>
    public static void Sample(InterruptLines* lines, InterruptUnit* unit, ulong now)
    {
        uint rises = (uint)Interlocked.Exchange(ref *(int*)&lines->Rises, 0);
        unit->Pic.SetLevel(Volatile.Read(ref lines->Levels) & InterruptLines.All);
        unit->Pic.Edge(rises & InterruptLines.All);
        if (unit->Pit.Advance(now) != 0)
            unit->Pic.Edge(1);
    }
}
