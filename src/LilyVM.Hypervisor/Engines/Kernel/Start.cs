using System.Runtime;
using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>The first entry.</summary>
internal static unsafe class Start
{
    private const uint LibraryPages = VmArea.LibrarySize / 0x1000, VcpuPageIndex = LibraryPages, FirstPoolPages = 64;

    /// <summary>From assembly: makes the machine as the VM process described it. All memory is zero but for the module's fields.</summary>
    [RuntimeExport("lily_main")]
    public static void Main()
    {
        RunRecord* record = This.Record;
        KernelMachine* machine = This.Machine;
        Vcpu* cpu = This.Vcpu;
        Exchange.Begin(cpu, &record->Start, &record->Cpuid, (byte*)KernelLayout.Ram, This.Context->RamSize, This.Page);
        cpu->SegmentsChanged = Segments.Again;
        cpu->Page->Pending = cpu->Page->InterruptFlag = 0;
        Time.Initialize(record);
        machine->Interrupts.Reset();
        machine->LookAtInputs = 1;
        GuestTables.Initialize();
        StartMmu(&machine->Mmu, record->Mmu);
        Fpu.Initialize();
        Run.Settle(cpu);
    }

    private static void StartMmu(ShadowMmu* mmu, MmuPolicy policy)
    {
        SwitchContext* context = This.Context;
        while (context->PoolPages < FirstPoolPages)
        {
            ulong error = Host.Call(HostService.PoolPages, FirstPoolPages - context->PoolPages);
            if (error != 0)
                Exits.Fail(KernelFailure.NoPoolPage, 0, error);
        }
        mmu->Pool = (ulong*)KernelLayout.Pool;
        mmu->PoolFrames = (ulong*)KernelLayout.PoolFrames;
        mmu->Origins = (uint*)KernelLayout.PoolOrigins;
        mmu->Frames = (ulong*)KernelLayout.Frames;
        mmu->Notes = (PageNote*)KernelLayout.Notes;
        mmu->Tables = (ShadowTable*)This.Machine->Tables;
        mmu->Cpu = This.Vcpu;
        mmu->Counters = This.Record->Counters;
        mmu->RamPages = (uint)(context->RamSize >> 12);
        mmu->PoolPages = context->PoolPages;
        mmu->Policy = policy <= MmuPolicy.Scan ? policy : MmuPolicy.Sync;
        mmu->AliasActive = true;
        ulong* area = mmu->Pool + ShadowMmu.AreaTable * 512;
        for (uint i = 0; i < KernelLayout.VmAreaPages; i++)
        {
            ulong writable = i == VcpuPageIndex ? ShadowMmu.Writable : 0;
            area[i] = context->VmAreaFrames[i] | ShadowMmu.Present | ShadowMmu.Accessed | ShadowMmu.Dirty | writable;
        }
        ShadowMmu.Reset(mmu);
    }
}
