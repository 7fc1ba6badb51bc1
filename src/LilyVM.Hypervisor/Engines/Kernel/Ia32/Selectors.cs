using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>
/// The CPU's segment registers and the words of the vCPU page, which the core works on. The guest uses its own selectors on the CPU; its
/// kernel's CS and SS have privilege level 1 there, and 0 where the guest sees them.
/// </summary>
internal static unsafe class Selectors
{
    private const uint Flat = KernelLayout.FlatData | 1, ProgramsInterruptGate = 0xEE00; // SDM vol. 3, figure 6-2

    /// <summary>The guest stopped: takes over what it has in the registers.</summary>
    public static void Capture(Vcpu* cpu, KernelMachine* machine)
    {
        VcpuPage* page = cpu->Page;
        ulong four;
        Native.ReadSegments((ushort*)&four);
        if (HiddenParts.Shown != 0)
            HiddenParts.Capture(cpu, machine, (ushort*)&four);
        if ((ushort)four != Flat)
            page->Ds = (ushort)four;
        if ((ushort)(four >> 16) != Flat)
            page->Es = (ushort)(four >> 16);
        page->Fs = (ushort)(four >> 32);
        page->Gs = (ushort)(four >> 48);
        uint cs = (uint)machine->RealCs, ss = (uint)machine->RealSs;
        if ((cs & 3) == 3)
        {
            cpu->Cpl = 3;
            page->InterruptFlag = Flags.Interrupt; // programs always run with it set, whatever the library's IRET left here
            page->Cs = cs;
            page->Ss = ss;
            return;
        }
        cpu->Cpl = 0;
        if (cs != (KernelLayout.FlatCode | 1))
            page->Cs = cs & ~3u;
        if (ss != Flat)
            page->Ss = ss & ~3u;
    }

    /// <summary>The guest goes on: loads what the core changed.</summary>
    public static void Install(Vcpu* cpu, KernelMachine* machine)
    {
        VcpuPage* page = cpu->Page;
        if (cpu->SegmentsChanged != 0)
        {
            uint ds = page->Ds, es = page->Es, fs = page->Fs, gs = page->Gs;
            bool all = GuestTables.Check(cpu, ds) | GuestTables.Check(cpu, es) | GuestTables.Check(cpu, fs) | GuestTables.Check(cpu, gs);
            uint changed = all ? Segments.All | Segments.Again : cpu->SegmentsChanged;
            HiddenParts.Release(cpu->SegmentsChanged);
            if (HiddenParts.AreNeeded(ds, es, fs, gs))
                HiddenParts.Choose(cpu, &ds, &es, &fs, &gs);
            cpu->SegmentsChanged = 0;
            if ((changed & (1u << (int)Segments.Ds | Segments.Again)) != 0)
                Native.LoadDs(IsStale(cpu, ds) ? Flat : ds);
            if ((changed & (1u << (int)Segments.Es | Segments.Again)) != 0)
                Native.LoadEs(IsStale(cpu, es) ? Flat : es);
            if ((changed & (1u << (int)Segments.Fs | Segments.Again)) != 0)
                Native.LoadFs(fs);
            if ((changed & (1u << (int)Segments.Gs | Segments.Again)) != 0)
                Native.LoadGs(gs);
        }
        uint code = page->Cs & 0xFFFC, stack = page->Ss & 0xFFFC;
        if (cpu->Cpl == 3)
        {
            machine->RealCs = code | 3;
            machine->RealSs = stack | 3;
            return;
        }
        if (code == machine->FastCode && stack == machine->FastStack && code != 0)
        {
            machine->RealCs = code | 1; // checked, and not changed since
            machine->RealSs = stack | 1;
            return;
        }
        GuestTables.Check(cpu, code);
        GuestTables.Check(cpu, stack);
        machine->RealCs = HiddenParts.OfTransfer(cpu, Segments.Cs, code, GuestTables.RealCode(code));
        machine->RealSs = HiddenParts.OfTransfer(cpu, Segments.Ss, stack, GuestTables.RealData(stack));
        machine->FastCode = machine->RealCs == (code | 1) ? code : 0;
        machine->FastStack = machine->RealSs == (stack | 1) ? stack : 0;
        machine->FastGate = machine->FastCode | ProgramsInterruptGate << 16;
    }

    // The kernel has a selector of DPL 0 that it loaded when there was another table.
    private static bool IsStale(Vcpu* cpu, uint selector) =>
        cpu->Cpl == 0 && (selector & 0xFFFC) != 0 && !GuestTables.IsOwn(selector) && GuestTables.RealData(selector & 0xFFFC) == Flat
        && !GuestTables.IsPresent(selector);
}
