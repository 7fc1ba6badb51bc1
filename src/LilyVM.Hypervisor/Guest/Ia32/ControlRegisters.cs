namespace LilyVM.Hypervisor.Guest;

/// <summary>Control registers (SDM vol. 3, 2.5 and 2.6). Safe: works on the engine's own state.</summary>
internal static unsafe class ControlRegisters
{
    private const uint Protection = 1, ExtensionType = 1 << 4, NotWriteThrough = 1 << 29, CacheDisable = 1 << 30;
    private const uint Cr0Known = 0xE005_003F;
    private const uint Cr3Known = 0xFFFF_F018;

    private const uint TimeStampDisable = 1 << 2, DebuggingExtensions = 1 << 3, MachineCheck = 1 << 6,
        PerformanceCounters = 1 << 8, FxsaveSupport = 1 << 9, SimdExceptions = 1 << 10;

    private const uint Cr4Known = TimeStampDisable | DebuggingExtensions | ControlBits.PageSizeExtension | MachineCheck | ControlBits.PageGlobal | PerformanceCounters | FxsaveSupport
        | SimdExceptions | ControlBits.OsXsave;

    /// <summary>MOV from CRn.</summary>
    public static bool Read(Vcpu* cpu, Request* request)
    {
        uint value;
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
                return Privilege.InvalidOpcode(cpu);
        }
        Operands.SetRegister(cpu, request->Register, 4, value);
        return true;
    }

    /// <summary>MOV to CRn.</summary>
    public static Outcome Write(Vcpu* cpu, Request* request, uint number, uint value)
    {
        switch (number)
        {
            case 0:
                return WriteCr0(cpu, request, value);
            case 2:
                cpu->Page->Cr2 = value;
                return Executor.Finish(cpu, request, true);
            case 3:
                cpu->PreviousCr3 = cpu->Cr3;
                cpu->Cr3 = cpu->Page->Cr3 = value & Cr3Known;
                GuestMemory.FlushButGlobal(cpu);
                cpu->Ip = request->NextIp;
                return Outcome.AddressSpace;
            case 4:
                return WriteCr4(cpu, request, value);
            default:
                return Executor.Finish(cpu, request, Privilege.InvalidOpcode(cpu));
        }
    }

    /// <summary>LMSW: the low four bits of CR0, of which PE cannot be cleared.</summary>
    public static Outcome LoadStatusWord(Vcpu* cpu, Request* request)
    {
        uint value;
        if (!Operands.Source16(cpu, request, &value))
            return Events.RaiseFault(cpu);
        return WriteCr0(cpu, request, (cpu->Cr0 & ~0xEu) | (value & 0xF) | (cpu->Cr0 & Protection));
    }

    /// <summary>XSETBV: #UD without CR4.OSXSAVE; #GP for what CPUID leaf 0DH does not offer, x87 missing, or AVX without SSE.</summary>
    public static bool SetExtended(Vcpu* cpu)
    {
        if ((cpu->Cr4 & ControlBits.OsXsave) == 0)
            return Privilege.InvalidOpcode(cpu);
        uint offeredLow = 0, offeredHigh = 0;
        CpuidEntry* entry = Identification.Find(cpu, 0xD, 0);
        if (entry != null)
        {
            offeredLow = entry->Eax;
            offeredHigh = entry->Edx;
        }
        const uint X87 = 1, Sse = 2, Avx = 4;
        uint value = cpu->Ax;
        if (cpu->Cx != 0 || (value & ~offeredLow) != 0 || (cpu->Dx & ~offeredHigh) != 0 || (value & X87) == 0 || (value & (Avx | Sse)) == Avx)
            return Privilege.GeneralProtection(cpu, 0);
        cpu->Xcr0 = (ulong)cpu->Dx << 32 | value;
        return true;
    }

    private static Outcome WriteCr0(Vcpu* cpu, Request* request, uint value)
    {
        if ((value & (NotWriteThrough | CacheDisable)) == NotWriteThrough || (value & (ControlBits.Paging | Protection)) == ControlBits.Paging)
            return Executor.Finish(cpu, request, Privilege.GeneralProtection(cpu, 0));
        if ((value & Protection) == 0) // real mode
        {
            cpu->Shutdown = ShutdownReason.Unsupported;
            return Outcome.Shutdown;
        }
        value = (value & Cr0Known) | ExtensionType;
        uint changed = value ^ cpu->Cr0;
        cpu->Cr0 = cpu->Page->Cr0 = value;
        cpu->Ip = request->NextIp;
        bool matters = (changed & ControlBits.Paging) != 0 || ((changed & ControlBits.WriteProtect) != 0 && (value & ControlBits.Paging) != 0);
        if (!matters)
            return Outcome.Resume;
        GuestMemory.Flush(cpu);
        return Outcome.PagingMode;
    }

    private static Outcome WriteCr4(Vcpu* cpu, Request* request, uint value)
    {
        if ((value & ~Cr4Known) != 0)
            return Executor.Finish(cpu, request, Privilege.GeneralProtection(cpu, 0));
        uint changed = value ^ cpu->Cr4;
        cpu->Cr4 = cpu->Page->Cr4 = value;
        cpu->Ip = request->NextIp;
        if ((changed & (ControlBits.PageSizeExtension | ControlBits.PageGlobal)) == 0)
            return Outcome.Resume;
        GuestMemory.Flush(cpu);
        return (changed & ControlBits.PageSizeExtension) != 0 ? Outcome.PagingMode : Outcome.FlushAll;
    }
}
