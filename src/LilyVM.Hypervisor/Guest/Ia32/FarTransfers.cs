namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// IRET, far returns, jumps and calls (SDM vol. 2 and vol. 3, 5.8). On a fault the vCPU is as before, and the fault is delivered. Call
/// gates and tasks other than an IRET's are not supported. Safe: guest memory is reached through the page walk only.
/// </summary>
internal static unsafe class FarTransfers
{
    /// <summary>IRET with its frame at ESP.</summary>
    public static Outcome Iret(Vcpu* cpu)
    {
        if ((cpu->VirtualFlags & Flags.NestedTask) != 0)
        {
            Outcome outcome = Outcome.Resume;
            return TaskSwitch.Return(cpu, &outcome) ? outcome : Events.RaiseFault(cpu);
        }
        uint access = OwnAccess(cpu), flags, level = cpu->Cpl;
        ulong target;
        if (!GuestMemory.Read64(cpu, cpu->Sp, access, &target) || !Read(cpu, 8, access, &flags))
            return Events.RaiseFault(cpu);
        if ((flags & Flags.Virtual8086) != 0 && level == 0)
            return Unsupported(cpu);
        if (!Return(cpu, (uint)target, (uint)(target >> 32) & 0xFFFF, 12, 0))
            return Events.RaiseFault(cpu);
        Flags.Set(cpu, flags, level);
        return Outcome.Resume;
    }

    /// <summary>A far return that releases <paramref name="release"/> bytes of parameters.</summary>
    public static Outcome Lret(Vcpu* cpu, uint release)
    {
        uint access = OwnAccess(cpu), eip, selector;
        if (!Read(cpu, 0, access, &eip) || !Read(cpu, 4, access, &selector) || !Return(cpu, eip, selector & 0xFFFF, 8 + release, release))
            return Events.RaiseFault(cpu);
        return Outcome.Resume;
    }

    /// <summary>A far jump. EIP is the instruction's.</summary>
    public static Outcome FarJump(Vcpu* cpu, uint selector, uint offset, uint nextEip) =>
        Direct(cpu, selector, offset, nextEip, isCall: false);

    /// <summary>A far call that returns to <paramref name="returnEip"/>. EIP is the instruction's.</summary>
    public static Outcome FarCall(Vcpu* cpu, uint selector, uint offset, uint returnEip) =>
        Direct(cpu, selector, offset, returnEip, isCall: true);

    private static Outcome Direct(Vcpu* cpu, uint selector, uint offset, uint returnEip, bool isCall)
    {
        Descriptor code;
        if ((selector & 0xFFFC) == 0)
            return Refuse(cpu, Vectors.GeneralProtection, 0);
        if (!Descriptors.Read(cpu, selector, &code, Vectors.GeneralProtection))
            return Events.RaiseFault(cpu);
        if (!code.Is(Descriptor.Segment))
            return code.Type is Descriptors.CallGate or Descriptors.TaskGate or Descriptors.AvailableTask
                ? Unsupported(cpu)
                : Refuse(cpu, Vectors.GeneralProtection, selector & 0xFFFC);
        bool conforming = code.Is(Descriptor.ConformingOrDown);
        if (!code.Is(Descriptor.Code) || (conforming ? code.Level > cpu->Cpl : code.Level != cpu->Cpl || (selector & 3) > cpu->Cpl))
            return Refuse(cpu, Vectors.GeneralProtection, selector & 0xFFFC);
        if (!code.Is(Descriptor.Present))
            return Refuse(cpu, Vectors.NotPresent, selector & 0xFFFC);
        if (offset > code.Limit)
            return Refuse(cpu, Vectors.GeneralProtection, 0);
        uint access = OwnAccess(cpu) | AccessFlags.Write;
        if ((isCall && !GuestMemory.Probe(cpu, cpu->Sp - 8, 8, access)) || !Descriptors.MarkAccessed(cpu, &code))
            return Events.RaiseFault(cpu);
        if (isCall)
        {
            GuestMemory.Write32(cpu, cpu->Sp - 4, access, cpu->Page->Cs & 0xFFFF);
            GuestMemory.Write32(cpu, cpu->Sp - 8, access, returnEip);
            cpu->Sp -= 8;
        }
        cpu->Page->Cs = (selector & 0xFFFC) | cpu->Cpl;
        cpu->Ip = offset;
        return Outcome.Resume;
    }

    // To the same or an outer level. Above the frame of `bytes` an outer level finds its stack; `release` bytes of parameters are taken
    // from there too.
    private static bool Return(Vcpu* cpu, uint eip, uint selector, uint bytes, uint release)
    {
        Descriptor code;
        selector = Descriptors.OwnSelector(cpu, selector);
        uint level = selector & 3, stack, stackSelector;
        if ((selector & 0xFFFC) == 0)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, 0);
        if (!Descriptors.Read(cpu, selector, &code, Vectors.GeneralProtection))
            return false;
        bool conforming = code.Is(Descriptor.ConformingOrDown);
        if (level < cpu->Cpl || !code.Is(Descriptor.Segment | Descriptor.Code) || (conforming ? code.Level > level : code.Level != level))
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, selector & 0xFFFC);
        if (!code.Is(Descriptor.Present))
            return Descriptors.Refuse(cpu, Vectors.NotPresent, selector & 0xFFFC);
        if (eip > code.Limit)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, 0);
        if (!Descriptors.MarkAccessed(cpu, &code))
            return false;
        if (level == cpu->Cpl)
        {
            cpu->Sp += bytes;
        }
        else
        {
            uint access = OwnAccess(cpu);
            ulong outer;
            if (!GuestMemory.Read64(cpu, cpu->Sp + bytes, access, &outer))
                return false;
            stack = (uint)outer;
            stackSelector = Descriptors.OwnSelector(cpu, (uint)(outer >> 32) & 0xFFFF);
            if (!Segments.CheckStack(cpu, stackSelector, level, Vectors.GeneralProtection))
                return false;
            cpu->Sp = stack + release;
            cpu->Page->Ss = stackSelector;
            cpu->Cpl = level;
            Segments.DropInner(cpu);
        }
        cpu->Page->Cs = selector;
        cpu->Ip = eip;
        return true;
    }

    private static uint OwnAccess(Vcpu* cpu) => cpu->Cpl == 3 ? AccessFlags.User : AccessFlags.Read;

    private static bool Read(Vcpu* cpu, uint offset, uint access, uint* value) => GuestMemory.Read32(cpu, cpu->Sp + offset, access, value);

    private static Outcome Refuse(Vcpu* cpu, uint vector, uint error)
    {
        Descriptors.Refuse(cpu, vector, error);
        return Events.RaiseFault(cpu);
    }

    private static Outcome Unsupported(Vcpu* cpu)
    {
        cpu->Shutdown = ShutdownReason.Unsupported;
        return Outcome.Shutdown;
    }
}
