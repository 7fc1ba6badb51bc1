namespace LilyVM.Hypervisor.Emulation;

/// <summary>The sensitive instructions, whichever way they come: as calls of converted code or as they are.</summary>
internal enum Op : uint
{
    // Unprivileged ones first: any privilege level may execute them (SDM vol. 2).
    Pushf, Popf, Deliver, Cpuid, Sgdt, Sidt, Sldt, Str, Smsw, Lar, Lsl, Verr, Verw, Arpl, ReadSegment, PushSegment,
    Undefined,

    // From here on, what only the guest kernel may do; that includes what no guest program can do through the VM library.
    Cli, Sti, StiHlt, Hlt, Iret, Sysret, Swapgs, Lret, Int, LongJump, LongCall,
    Clts, InvalidateCaches, Rdmsr, Wrmsr, Rdpmc, Xsetbv,
    Lgdt, Lidt, Lldt, Ltr, Lmsw, Invlpg, Invpcid,
    In, Out, Ins, Outs,
    ReadControl, WriteControl, ReadDebug, WriteDebug,
    WriteSegment, PopSegment, LoadFarPointer,
}
