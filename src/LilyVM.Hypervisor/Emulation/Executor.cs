namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// Executes one decoded instruction. The vCPU is as before the instruction; on a fault it stays so but for the delivery of the exception.
/// Safe: guest memory is reached through the page walk only, and register numbers come from our own decoders.
/// </summary>
internal static unsafe class Executor
{
    /// <summary>Executes a request.</summary>
    public static Outcome Execute(Vcpu* cpu, Request* request)
    {
        if (request->Op >= Op.Cli && cpu->Cpl != 0)
        {
            Privilege.GeneralProtection(cpu, 0);
            return Events.RaiseFault(cpu);
        }
        return ExecuteUnchecked(cpu, request);
    }

    /// <summary>Executes a request that the current privilege level may execute.</summary>
    public static Outcome ExecuteUnchecked(Vcpu* cpu, Request* request)
    {
        switch (request->Op)
        {
            case Op.Iret:
                return FarTransfers.Iret(cpu);
            case Op.Lret:
                return OwnInstructions.FarReturn(cpu, request);
            case Op.Int:
                return Events.Software(cpu, (uint)request->Value & 0xFF, request->ReturnIp, cpu->Ip);
            case Op.LongJump or Op.LongCall:
                return LongTransfer(cpu, request);
            case Op.In or Op.Out or Op.Ins or Op.Outs:
                return Ports.Start(cpu, request);
            case Op.ReadControl:
                return Finish(cpu, request, ControlRegisters.Read(cpu, request));
            case Op.WriteControl:
                return ControlRegisters.Write(cpu, request, request->Number, request->Value);
            case Op.Lmsw:
                return ControlRegisters.LoadStatusWord(cpu, request);
            case Op.Clts:
                return ControlRegisters.Write(cpu, request, 0, cpu->Cr0 & ~ControlBits.TaskSwitched);
            case Op.Invlpg:
                return Translations.InvalidatePage(cpu, request);
            case Op.Invpcid:
                return Translations.InvalidateProcess(cpu, request);
            case Op.StiHlt:
                Flags.SetInterrupt(cpu, true);
                cpu->Ip = request->NextIp;
                return Outcome.Halt;
            case Op.Rdmsr when (uint)cpu->Cx == (uint)Msr.TimeStampCounter:
                cpu->Ip = request->NextIp;
                return Outcome.TimeStamp;
            case Op.Hlt:
                cpu->Ip = request->NextIp;
                return Outcome.Halt;
            case Op.Sysret or Op.Swapgs:
                return OwnInstructions.Execute(cpu, request);
            default:
                return Finish(cpu, request, Simple(cpu, request));
        }
    }

    /// <summary>Goes on behind the instruction, or delivers the fault that it had.</summary>
    public static Outcome Finish(Vcpu* cpu, Request* request, bool done)
    {
        if (!done)
            return Events.RaiseFault(cpu);
        cpu->Ip = request->NextIp;
        return Outcome.Resume;
    }

    // What ends behind the instruction with nothing for the engine to do.
    private static bool Simple(Vcpu* cpu, Request* request)
    {
        switch (request->Op)
        {
            case Op.Cli:
                Flags.SetInterrupt(cpu, false);
                return true;
            case Op.Sti:
                Flags.SetInterrupt(cpu, true);
                return true;
            case Op.Deliver or Op.InvalidateCaches: // the engine delivers; there are no caches to manage
                return true;
            case Op.Pushf:
                return Operands.Push(cpu, Flags.Get(cpu) & Flags.Pushed);
            case Op.Popf:
                return PopFlags(cpu);
            case Op.Cpuid:
                Identification.Cpuid(cpu);
                return true;
            case Op.Rdmsr:
                return ModelSpecificRegisters.Read(cpu);
            case Op.Wrmsr:
                return ModelSpecificRegisters.Write(cpu);
            case Op.Rdpmc:
                return Privilege.GeneralProtection(cpu, 0);
            case Op.Xsetbv:
                return ExtendedControl.Set(cpu);
            case Op.Lgdt or Op.Lidt or Op.Sgdt or Op.Sidt:
                return DescriptorTables.Execute(cpu, request);
            case Op.Sldt or Op.Str or Op.Smsw or Op.Lldt or Op.Ltr:
                return SystemSelectors.Execute(cpu, request);
            case Op.Lar or Op.Lsl or Op.Verr or Op.Verw or Op.Arpl:
                return SelectorChecks.Execute(cpu, request);
            case Op.ReadDebug or Op.WriteDebug:
                return DebugRegisters.Execute(cpu, request);
            case Op.ReadSegment or Op.WriteSegment or Op.PushSegment or Op.PopSegment or Op.LoadFarPointer:
                return SegmentRegisters.Execute(cpu, request);
            default:
                return Privilege.InvalidOpcode(cpu);
        }
    }

    private static bool PopFlags(Vcpu* cpu)
    {
        Word value;
        if (!Operands.Peek(cpu, &value))
            return false;
        cpu->Sp += sizeof(Word);
        Flags.Set(cpu, value);
        return true;
    }

    private static Outcome LongTransfer(Vcpu* cpu, Request* request)
    {
        uint selector = (uint)request->Value;
        Word offset = request->Offset;
        if (request->IsMemory)
        {
            uint low, access = Privilege.Access(cpu, AccessFlags.Read);
            if (!GuestMemory.Read32(cpu, request->Address, access, &low)
                || !GuestMemory.Read16(cpu, request->Address + 4, access, &selector))
                return Events.RaiseFault(cpu);
            offset = low;
        }
        return request->Op == Op.LongJump
            ? FarTransfers.FarJump(cpu, selector & 0xFFFF, offset, request->NextIp)
            : FarTransfers.FarCall(cpu, selector & 0xFFFF, offset, request->ReturnIp);
    }
}
