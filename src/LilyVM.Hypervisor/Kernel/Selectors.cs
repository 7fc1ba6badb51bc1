using LilyVM.Abi;

namespace LilyVM.Hypervisor.Kernel;

/// <summary>
/// The CPU's segment registers and the words of the vCPU page, which the core works on. The guest uses its own selectors on the CPU; its kernel's CS and SS
/// have privilege level 1 there, and 0 where the guest sees them.
/// </summary>
internal static unsafe class Selectors
{
    /// <summary>The guest stopped: takes over what it has in the registers.</summary>
    public static void Capture(Vcpu* cpu, KernelMachine* machine)
    {
        VcpuPage* page = cpu->Page;
        ulong four;
        Native.ReadSegments((ushort*)&four);
        page->Ds = (ushort)four;
        page->Es = (ushort)(four >> 16);
        page->Fs = (ushort)(four >> 32);
        page->Gs = (ushort)(four >> 48);
        uint cs = (uint)machine->RealCs, ss = (uint)machine->RealSs;
        if ((cs & 3) == 3)
        {
            cpu->Cpl = 3;
            page->InterruptFlag = Eflags.Interrupt; // programs always run with it set, whatever the library's IRET left here
        }
        else
        {
            cpu->Cpl = 0;
            cs &= ~3u;
            ss &= ~3u;
        }
        page->Cs = cs;
        page->Ss = ss;
    }

    /// <summary>The guest goes on: loads what the core changed.</summary>
    public static void Install(Vcpu* cpu, KernelMachine* machine)
    {
        VcpuPage* page = cpu->Page;
        if (cpu->SegmentsChanged != 0)
        {
            cpu->SegmentsChanged = 0;
            uint ds = page->Ds, es = page->Es, fs = page->Fs, gs = page->Gs;
            GuestTables.Check(cpu, ds);
            GuestTables.Check(cpu, es);
            GuestTables.Check(cpu, fs);
            GuestTables.Check(cpu, gs);
            Native.LoadDs(ds);
            Native.LoadEs(es);
            Native.LoadFs(fs);
            Native.LoadGs(gs);
        }
        uint level = cpu->Cpl == 3 ? 3u : 1u;
        machine->RealCs = (page->Cs & 0xFFFC) | level;
        machine->RealSs = (page->Ss & 0xFFFC) | level;
    }
}
