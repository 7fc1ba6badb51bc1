namespace LilyVM.Hypervisor.Guest;

/// <summary>Control registers of a guest in 64-bit mode (SDM vol. 3, 2.5 and 2.6). Safe: works on the engine's own state.</summary>
internal static unsafe class ControlRegisters
{
    /// <summary>CR0.TS.</summary>
    public const ulong TaskSwitched = 1 << 3;

    /// <summary>CR4.OSXSAVE.</summary>
    public const ulong OsXsave = 1 << 18;

    private const ulong Protection = 1, ExtensionType = 1 << 4, NotWriteThrough = 1 << 29, CacheDisable = 1 << 30, Cr0Known = 0xE005_003F;
    private const ulong Cr3Known = 0x000F_FFFF_FFFF_F018, NoFlush = 1ul << 63;

    private const ulong TimeStampDisable = 1 << 2, DebuggingExtensions = 1 << 3, PageSizeExtensions = 1 << 4, AddressExtension = 1 << 5,
        MachineCheck = 1 << 6, PerformanceCounters = 1 << 8, FxsaveSupport = 1 << 9, SimdExceptions = 1 << 10, BaseInstructions = 1 << 16;

    private const ulong Cr4Known = TimeStampDisable | DebuggingExtensions | PageSizeExtensions | AddressExtension | MachineCheck | ControlBits.PageGlobal
        | PerformanceCounters | FxsaveSupport | SimdExceptions | BaseInstructions | OsXsave;

    private const ulong HighestPriority = 15;

    /// <summary>MOV from CRn.</summary>
    public static bool Read(Vcpu* cpu, Request* request)
    {
        ulong value;
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
            case 8:
                value = cpu->Page->Cr8;
                break;
            default:
                return Privilege.InvalidOpcode(cpu);
        }
        Operands.SetRegister(cpu, request->Register, 8, value);
        return true;
    }

    /// <summary>MOV to CRn.</summary>
    public static Outcome Write(Vcpu* cpu, Request* request, uint number, ulong value)
    {
        switch (number)
        {
            case 0:
                return WriteCr0(cpu, request, value);
            case 2:
                cpu->Page->Cr2 = value;
                return Executor.Finish(cpu, request, true);
            case 3:
                if ((value & ~(Cr3Known | NoFlush)) != 0 || (value & NoFlush) != 0)
                    return Executor.Finish(cpu, request, Privilege.GeneralProtection(cpu, 0)); // without CR4.PCIDE bit 63 is reserved
                cpu->Cr3 = cpu->Page->Cr3 = value;
                GuestMemory.FlushButGlobal(cpu);
                cpu->Ip = request->NextIp;
                return Outcome.AddressSpace;
            case 4:
                return WriteCr4(cpu, request, value);
            case 8 when value <= HighestPriority:
                cpu->Page->Cr8 = value; // there is no local APIC that it would tell
                return Executor.Finish(cpu, request, true);
            case 8:
                return Executor.Finish(cpu, request, Privilege.GeneralProtection(cpu, 0));
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
        return WriteCr0(cpu, request, (cpu->Cr0 & ~0xEul) | (value & 0xF) | (cpu->Cr0 & Protection));
    }

    /// <summary>XSETBV: #UD without CR4.OSXSAVE; #GP for what CPUID leaf 0DH does not offer, x87 missing, or AVX without SSE.</summary>
    public static bool SetExtended(Vcpu* cpu)
    {
        const ulong X87 = 1, Sse = 2, Avx = 4, Avx512 = 0xE0;
        if ((cpu->Cr4 & OsXsave) == 0)
            return Privilege.InvalidOpcode(cpu);
        CpuidEntry* entry = Identification.Find(cpu, 0xD, 0);
        ulong offered = entry == null ? 0 : entry->Eax | (ulong)entry->Edx << 32, value = (cpu->Dx << 32) | (uint)cpu->Ax;
        bool isWhole = (value & X87) != 0 && (value & (Avx | Sse)) != Avx && ((value & Avx512) == 0 || (value & (Avx512 | Avx)) == (Avx512 | Avx));
        if ((uint)cpu->Cx != 0 || (value & ~offered) != 0 || !isWhole)
            return Privilege.GeneralProtection(cpu, 0);
        cpu->Xcr0 = value;
        return true;
    }

    // Paging and protection stay on: 64-bit mode cannot be left (SDM vol. 3, 4.1.2), and real mode is not there.
    private static Outcome WriteCr0(Vcpu* cpu, Request* request, ulong value)
    {
        const ulong Needed = Protection | ControlBits.Paging;
        if (value >> 32 != 0 || (value & (NotWriteThrough | CacheDisable)) == NotWriteThrough || (value & Needed) == ControlBits.Paging)
            return Executor.Finish(cpu, request, Privilege.GeneralProtection(cpu, 0));
        if ((value & Needed) != Needed)
        {
            cpu->Shutdown = ShutdownReason.Unsupported;
            return Outcome.Shutdown;
        }
        value = (value & Cr0Known) | ExtensionType;
        ulong changed = value ^ cpu->Cr0;
        cpu->Cr0 = cpu->Page->Cr0 = value;
        cpu->Ip = request->NextIp;
        if ((changed & ControlBits.WriteProtect) == 0)
            return Outcome.Resume;
        GuestMemory.Flush(cpu);
        return Outcome.PagingMode;
    }

    private static Outcome WriteCr4(Vcpu* cpu, Request* request, ulong value)
    {
        if ((value & ~Cr4Known) != 0 || (value & AddressExtension) == 0)
            return Executor.Finish(cpu, request, Privilege.GeneralProtection(cpu, 0));
        ulong changed = value ^ cpu->Cr4;
        cpu->Cr4 = cpu->Page->Cr4 = value;
        cpu->Ip = request->NextIp;
        if ((changed & (PageSizeExtensions | ControlBits.PageGlobal)) == 0)
            return Outcome.Resume;
        GuestMemory.Flush(cpu);
        return Outcome.FlushAll;
    }
}
