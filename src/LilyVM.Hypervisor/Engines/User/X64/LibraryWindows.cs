using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// A signal found the guest in the VM library. What the library had begun is finished or taken back here, so that the vCPU stands before
/// or behind one instruction of the guest's (native/vmlib/x64/deprivileged/fast.S). Safe: the table is the engine's own, and stacks are
/// the guest's, which were read by the library already.
/// </summary>
internal static unsafe class LibraryWindows
{
    private const ulong Resumed = 5; // the return address in VcpuPage.TransferSite is behind a call of that many bytes

    /// <summary>The window around an address.</summary>
    public static WindowKind Find(ulong rip)
    {
        if (rip < VmArea.Base || rip >= VmArea.Base + VmArea.LibrarySize)
            return WindowKind.None;
        LibraryHeader* header = (LibraryHeader*)(ulong)VmArea.Base;
        WindowEntry* entry = (WindowEntry*)(ulong)header->WindowTable;
        WindowKind kind = WindowKind.None;
        for (uint i = 0; i < header->WindowCount && entry->Address <= rip; i++, entry++)
            kind = entry->Kind;
        return kind;
    }

    /// <summary>Puts the vCPU, which holds the registers as the signal found them, before or behind the guest's instruction.</summary>
    public static void Settle(Vcpu* cpu, WindowKind kind)
    {
        if (((uint)kind & Crossing.Window) != 0)
        {
            Crossing* crossing = (Crossing*)Layout.Crossing;
            cpu->Ax = crossing->Ax;
            cpu->Cx = crossing->Cx;
            cpu->Dx = crossing->Dx;
            kind = (WindowKind)((uint)kind & ~Crossing.Window);
        }
        switch (kind)
        {
            case WindowKind.IretScratch:
                cpu->Ax = cpu->Scratch;
                Restart(cpu);
                break;
            case WindowKind.Iret:
                Restart(cpu);
                break;
            case WindowKind.IretProgram:
                FinishIret(cpu, Selectors.ProgramCode, Selectors.ProgramData, level: 3);
                break;
            case WindowKind.IretKernel:
                ulong ss = ((ulong*)cpu->Sp)[4];
                FinishIret(cpu, cpu->Page->Cs, ss == Selectors.ProgramData ? cpu->Page->Ss : ss, level: 0);
                break;
            case WindowKind.SysretStack:
                cpu->Sp = cpu->ScratchStack;
                FinishSysret(cpu);
                break;
            case WindowKind.Sysret:
                FinishSysret(cpu);
                break;
            case WindowKind.CallStack:
                if (cpu->Sp != cpu->EngineStack)
                    cpu->Flags = *(ulong*)(cpu->EngineStack - 8); // pushed, and others since
                cpu->Sp = cpu->ScratchStack;
                cpu->Cx = cpu->Scratch;
                PatchCode.Rewind(cpu, cpu->ScratchPage);
                break;
            case WindowKind.Call:
                PatchCode.Rewind(cpu, cpu->R11);
                break;
            case WindowKind.Identify:
                IdentificationCode.Rewind(cpu, (uint)cpu->Bx, cpu->Dx + IdentificationCode.Behind((uint)cpu->Bx));
                break;
            case WindowKind.IdentifyResult:
                IdentificationCode.Rewind(cpu, (uint)cpu->Scratch, cpu->ScratchPage);
                break;
            case WindowKind.CallEntered:
                cpu->Flags = cpu->R11;
                cpu->Cpl = 3;
                cpu->Page->Cs = Selectors.ProgramCode;
                cpu->Page->Ss = Selectors.ProgramData;
                Flags.SetInterrupt(cpu, true);
                cpu->Ip = cpu->Cx;
                SystemCalls.Enter(cpu, cpu->Cx - Patches.InstructionBytes);
                break;
        }
    }

    // At the start of the routine again: nothing has changed.
    private static void Restart(Vcpu* cpu) => cpu->Ip = EntryTable.IretAddress;

    // The library has checked all, and perhaps set the level already.
    private static void FinishSysret(Vcpu* cpu)
    {
        cpu->Cpl = 0;
        SystemCalls.Return(cpu, width: 8);
    }

    private static void FinishIret(Vcpu* cpu, ulong cs, ulong ss, ulong level)
    {
        ulong* frame = (ulong*)cpu->Sp;
        ulong flags = frame[2];
        cpu->Ax = cpu->Scratch;
        cpu->Ip = frame[0];
        cpu->Sp = frame[3];
        cpu->Cpl = level;
        cpu->Page->Cs = cs;
        cpu->Page->Ss = ss & 0xFFFF;
        Flags.Set(cpu, flags, level: 0);
    }
}
