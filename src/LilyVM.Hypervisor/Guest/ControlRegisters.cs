namespace LilyVM.Hypervisor.Guest;

/// <summary>Control registers (SDM vol. 3, 2.5 and 2.6). Safe: works on the engine's own state.</summary>
internal static unsafe partial class ControlRegisters
{
    private const Word Protection = 1, ExtensionType = 1 << 4, NotWriteThrough = 1 << 29, CacheDisable = 1 << 30, Cr0Known = 0xE005_003F;

    private const Word TimeStampDisable = 1 << 2, DebuggingExtensions = 1 << 3, MachineCheck = 1 << 6, PerformanceCounters = 1 << 8,
        FxsaveSupport = 1 << 9, SimdExceptions = 1 << 10;

    private const Word Cr4Known = TimeStampDisable | DebuggingExtensions | ControlBits.PageSizeExtension | MachineCheck
        | ControlBits.PageGlobal
        | PerformanceCounters | FxsaveSupport | SimdExceptions | ControlBits.OsXsave | Cr4KnownToo;

    /// <summary>MOV from CRn.</summary>
    public static bool Read(Vcpu* cpu, Request* request)
    {
        Word value;
        switch (request->Number)
        {
            case 0:
                value = cpu->Cr0 | ExtensionType;
                break;
            case 2:
                value = cpu->Page->Cr2;
                break;
            case 3:
                value = cpu->Cr3;
                break;
            case 4:
                value = cpu->Cr4;
                break;
            default:
                if (!ReadOther(cpu, request->Number, &value))
                    return Privilege.InvalidOpcode(cpu);
                break;
        }
        Operands.SetRegister(cpu, request->Register, sizeof(Word), value);
        return true;
    }

    /// <summary>MOV to CRn.</summary>
    public static Outcome Write(Vcpu* cpu, Request* request, uint number, Word value)
    {
        switch (number)
        {
            case 0:
                return WriteCr0(cpu, request, value);
            case 2:
                cpu->Page->Cr2 = value;
                return Executor.Finish(cpu, request, true);
            case 3:
                if (!TakeCr3(&value))
                    return Executor.Finish(cpu, request, Privilege.GeneralProtection(cpu, 0));
                cpu->Cr3 = cpu->Page->Cr3 = value;
                GuestMemory.FlushButGlobal(cpu);
                cpu->Ip = request->NextIp;
                return Outcome.AddressSpace;
            case 4:
                return WriteCr4(cpu, request, value);
            default:
                return Executor.Finish(cpu, request, WriteOther(cpu, number, value));
        }
    }

    /// <summary>LMSW: the low four bits of CR0, of which PE cannot be cleared.</summary>
    public static Outcome LoadStatusWord(Vcpu* cpu, Request* request)
    {
        uint value;
        if (!Operands.Source16(cpu, request, &value))
            return Events.RaiseFault(cpu);
        return WriteCr0(cpu, request, (cpu->Cr0 & ~(Word)0xE) | (value & 0xF) | (cpu->Cr0 & Protection));
    }

    private static Outcome WriteCr0(Vcpu* cpu, Request* request, Word value)
    {
        if ((ulong)value >> 32 != 0 || (value & (NotWriteThrough | CacheDisable)) == NotWriteThrough
            || (value & (Protection | ControlBits.Paging)) == ControlBits.Paging)
            return Executor.Finish(cpu, request, Privilege.GeneralProtection(cpu, 0));
        if ((value & Needed) != Needed)
        {
            cpu->Shutdown = ShutdownReason.Unsupported;
            return Outcome.Shutdown;
        }
        value = (value & Cr0Known) | ExtensionType;
        Word changed = value ^ cpu->Cr0;
        cpu->Cr0 = cpu->Page->Cr0 = value;
        cpu->Ip = request->NextIp;
        bool matters = (changed & ControlBits.Paging) != 0
            || ((changed & ControlBits.WriteProtect) != 0 && (value & ControlBits.Paging) != 0);
        if (!matters)
            return Outcome.Resume;
        GuestMemory.Flush(cpu);
        return Outcome.PagingMode;
    }

    private static Outcome WriteCr4(Vcpu* cpu, Request* request, Word value)
    {
        if ((value & ~Cr4Known) != 0 || (value & Cr4Needed) != Cr4Needed)
            return Executor.Finish(cpu, request, Privilege.GeneralProtection(cpu, 0));
        Word changed = value ^ cpu->Cr4;
        cpu->Cr4 = cpu->Page->Cr4 = value;
        cpu->Ip = request->NextIp;
        if ((changed & (ControlBits.PageSizeExtension | ControlBits.PageGlobal)) == 0)
            return Outcome.Resume;
        GuestMemory.Flush(cpu);
        return (changed & PagingModeBits) != 0 ? Outcome.PagingMode : Outcome.FlushAll;
    }
}
