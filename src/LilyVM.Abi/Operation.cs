namespace LilyVM.Abi;

/// <summary>What an entry of the jump table does: the instruction that it stands for, without operands.</summary>
public enum Operation
{
    /// <summary>CLI.</summary>
    Cli,

    /// <summary>STI.</summary>
    Sti,

    /// <summary>STI and HLT, with no interrupt between them.</summary>
    StiHlt,

    /// <summary>STI and MWAIT, with no interrupt between them.</summary>
    StiMwait,

    /// <summary>STI and SYSEXIT, with no interrupt between them.</summary>
    StiSysexit,

    /// <summary>PUSHF.</summary>
    Pushf,

    /// <summary>POPF.</summary>
    Popf,

    /// <summary>No instruction: delivers what is pending.</summary>
    Deliver,

    /// <summary>HLT.</summary>
    Hlt,

    /// <summary>IRET.</summary>
    Iret,

    /// <summary>Far RET, with and without a number of bytes to drop.</summary>
    Lret,

    /// <summary>INT n.</summary>
    Int,

    /// <summary>CLTS.</summary>
    Clts,

    /// <summary>INVD.</summary>
    Invd,

    /// <summary>WBINVD.</summary>
    Wbinvd,

    /// <summary>RDMSR.</summary>
    Rdmsr,

    /// <summary>WRMSR.</summary>
    Wrmsr,

    /// <summary>RDPMC.</summary>
    Rdpmc,

    /// <summary>CPUID.</summary>
    Cpuid,

    /// <summary>MONITOR.</summary>
    Monitor,

    /// <summary>MWAIT.</summary>
    Mwait,

    /// <summary>XSETBV.</summary>
    Xsetbv,

    /// <summary>SYSENTER.</summary>
    Sysenter,

    /// <summary>SYSEXIT.</summary>
    Sysexit,

    /// <summary>SYSCALL.</summary>
    Syscall,

    /// <summary>SYSRET.</summary>
    Sysret,

    /// <summary>SWAPGS.</summary>
    Swapgs,

    /// <summary>LGDT.</summary>
    Lgdt,

    /// <summary>LIDT.</summary>
    Lidt,

    /// <summary>SGDT.</summary>
    Sgdt,

    /// <summary>SIDT.</summary>
    Sidt,

    /// <summary>INVLPG.</summary>
    Invlpg,

    /// <summary>INVPCID.</summary>
    Invpcid,

    /// <summary>LLDT.</summary>
    Lldt,

    /// <summary>LTR.</summary>
    Ltr,

    /// <summary>LMSW.</summary>
    Lmsw,

    /// <summary>VERR.</summary>
    Verr,

    /// <summary>VERW.</summary>
    Verw,

    /// <summary>SLDT.</summary>
    Sldt,

    /// <summary>STR.</summary>
    Str,

    /// <summary>SMSW.</summary>
    Smsw,

    /// <summary>LAR.</summary>
    Lar,

    /// <summary>LSL.</summary>
    Lsl,

    /// <summary>ARPL.</summary>
    Arpl,

    /// <summary>IN.</summary>
    In,

    /// <summary>OUT.</summary>
    Out,

    /// <summary>INS.</summary>
    Ins,

    /// <summary>OUTS.</summary>
    Outs,

    /// <summary>Far JMP.</summary>
    LongJump,

    /// <summary>Far CALL.</summary>
    LongCall,

    /// <summary>MOV from CRn.</summary>
    ReadControl,

    /// <summary>MOV to CRn.</summary>
    WriteControl,

    /// <summary>MOV from DRn.</summary>
    ReadDebug,

    /// <summary>MOV to DRn.</summary>
    WriteDebug,

    /// <summary>MOV from a segment register.</summary>
    ReadSegment,

    /// <summary>MOV to a segment register.</summary>
    WriteSegment,

    /// <summary>PUSH of a segment register.</summary>
    PushSegment,

    /// <summary>POP of a segment register.</summary>
    PopSegment,

    /// <summary>LDS and its kind.</summary>
    LoadFarPointer,
}
