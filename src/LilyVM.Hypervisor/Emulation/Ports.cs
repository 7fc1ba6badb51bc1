namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// IN, OUT, INS and OUTS. The vCPU stays at the instruction until the engine has carried the access out; a repeated string instruction asks
/// for one element after the other, and is at the instruction between them. Safe: guest memory is reached through the page walk only.
/// </summary>
internal static unsafe class Ports
{
    /// <summary>Bits of <see cref="Hypervisor.Access.Flags"/>: there are more elements if ECX says so.</summary>
    public const uint Repeats = 1;

    /// <summary>Fills in the access of an instruction.</summary>
    public static Outcome Start(Vcpu* cpu, Request* request)
    {
        Access* access = &cpu->Access;
        access->Address = (uint)request->Value & 0xFFFF;
        access->Width = request->Width;
        access->NextIp = request->NextIp;
        switch (request->Op)
        {
            case Op.In:
                access->Kind = AccessKind.PortRead;
                return Outcome.PortAccess;
            case Op.Out:
                access->Kind = AccessKind.PortWrite;
                access->Value = Operands.Register(cpu, 0, request->Width);
                return Outcome.PortAccess;
            default:
                access->Kind = request->Op == Op.Ins ? AccessKind.PortReadString : AccessKind.PortWriteString;
                access->Flags = request->Repeats ? Repeats : 0;
                access->Memory = request->SegmentBase;
                if (request->Repeats && cpu->Cx == 0)
                    return Executor.Finish(cpu, request, true);
                return Element(cpu);
        }
    }

    /// <summary>Finishes what <see cref="Start"/> began, after the access was carried out.</summary>
    public static Outcome Complete(Vcpu* cpu)
    {
        Access* access = &cpu->Access;
        if (access->Kind is AccessKind.PortRead or AccessKind.PortWrite)
        {
            if (access->Kind == AccessKind.PortRead)
                Operands.SetRegister(cpu, 0, access->Width, (Word)access->Value);
            cpu->Ip = (Word)access->NextIp;
            return Outcome.Resume;
        }

        Word step = (cpu->Flags & Flags.Direction) != 0 ? 0 - (Word)access->Width : access->Width;
        if (access->Kind == AccessKind.PortReadString)
        {
            if (!Narrow.Write(cpu, cpu->Di, access->Width, access->Value))
                return Events.RaiseFault(cpu);
            cpu->Di += step;
        }
        else
        {
            cpu->Si += step;
        }
        if ((access->Flags & Repeats) != 0 && --cpu->Cx != 0)
            return Element(cpu);
        cpu->Ip = (Word)access->NextIp;
        return Outcome.Resume;
    }

    // The memory side comes first, so that a page fault leaves the device alone.
    private static Outcome Element(Vcpu* cpu)
    {
        Access* access = &cpu->Access;
        bool ready = access->Kind == AccessKind.PortReadString
            ? GuestMemory.Probe(cpu, cpu->Di, access->Width, Privilege.Access(cpu, AccessFlags.Write))
            : Narrow.Read(cpu, (Word)access->Memory + cpu->Si, access->Width, &access->Value);
        return ready ? Outcome.PortAccess : Events.RaiseFault(cpu);
    }
}
