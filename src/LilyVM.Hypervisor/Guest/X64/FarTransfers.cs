namespace LilyVM.Hypervisor.Guest;

/// <summary>
/// IRETQ, far RET, JMP and CALL in 64-bit mode (SDM vol. 2). Code of another size cannot be returned to: hosts need not have any. Safe:
/// guest memory is reached through the page walk only.
/// </summary>
internal static unsafe class FarTransfers
{
    private const uint WordBytes = 8;

    /// <summary>IRETQ, with RIP at the instruction and RSP at its frame. A fault leaves both.</summary>
    public static Outcome Iret(Vcpu* cpu)
    {
        ulong rip, cs, flags, rsp, ss;
        if ((cpu->VirtualFlags & Flags.NestedTask) != 0)
            return Raise(cpu, Vectors.GeneralProtection, 0);
        uint access = AccessFlags.Read;
        if (!GuestMemory.Read64(cpu, cpu->Sp, access, &rip) || !GuestMemory.Read64(cpu, cpu->Sp + WordBytes, access, &cs)
            || !GuestMemory.Read64(cpu, cpu->Sp + 2 * WordBytes, access, &flags)
            || !GuestMemory.Read64(cpu, cpu->Sp + 3 * WordBytes, access, &rsp)
            || !GuestMemory.Read64(cpu, cpu->Sp + 4 * WordBytes, access, &ss))
            return Events.RaiseFault(cpu);
        ulong from = cpu->Cpl;
        Outcome outcome = To(cpu, rip, (uint)cs & 0xFFFF, rsp, (uint)ss & 0xFFFF);
        if (outcome == Outcome.Resume && cpu->Ip == rip)
            Flags.Set(cpu, flags, from);
        return outcome;
    }

    /// <summary>Far RET with words of so many bytes, with RIP at the instruction.</summary>
    public static Outcome Lret(Vcpu* cpu, uint width)
    {
        ulong rip, cs, rsp = cpu->Sp + 2 * width, ss = cpu->Page->Ss;
        if (!ReadWord(cpu, cpu->Sp, width, &rip) || !ReadWord(cpu, cpu->Sp + width, width, &cs))
            return Events.RaiseFault(cpu);
        if ((cs & 3) > cpu->Cpl)
        {
            if (!ReadWord(cpu, rsp, width, &rsp) || !ReadWord(cpu, cpu->Sp + 3 * width, width, &ss))
                return Events.RaiseFault(cpu);
        }
        return To(cpu, rip, (uint)cs & 0xFFFF, rsp, (uint)ss & 0xFFFF);
    }

    /// <summary>Far JMP to code of the current level; gates are not supported, and lead nowhere.</summary>
    /// <param name="cpu">The vCPU, with RIP at the instruction.</param>
    /// <param name="selector">The new code segment.</param>
    /// <param name="offset">Where to.</param>
    /// <param name="next">Behind the instruction.</param>
    public static Outcome FarJump(Vcpu* cpu, uint selector, ulong offset, ulong next)
    {
        Descriptor code;
        if (!ReadTarget(cpu, selector, &code))
            return Events.RaiseFault(cpu);
        cpu->Ip = offset;
        cpu->Page->Cs = (selector & 0xFFFC) | cpu->Cpl;
        return Outcome.Resume;
    }

    /// <summary>Far CALL with 32-bit words, as <c>lcall *m</c> has them.</summary>
    public static Outcome FarCall(Vcpu* cpu, uint selector, ulong offset, ulong next)
    {
        const uint width = 4;
        Descriptor code;
        ulong cs = cpu->Page->Cs & 0xFFFF;
        if (!ReadTarget(cpu, selector, &code) || !WriteWord(cpu, cpu->Sp - width, width, cs)
            || !WriteWord(cpu, cpu->Sp - 2 * width, width, next))
            return Events.RaiseFault(cpu);
        cpu->Sp -= 2 * width;
        cpu->Ip = offset;
        cpu->Page->Cs = (selector & 0xFFFC) | cpu->Cpl;
        return Outcome.Resume;
    }

    private static bool ReadTarget(Vcpu* cpu, uint selector, Descriptor* code)
    {
        uint error = selector & 0xFFFC;
        if (error == 0)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, 0);
        if (!Descriptors.Read(cpu, selector, code, Vectors.GeneralProtection))
            return false;
        bool fits = code->Is(Descriptor.ConformingOrDown) ? code->Level <= cpu->Cpl : code->Level == cpu->Cpl && (selector & 3) <= cpu->Cpl;
        if (!code->Is(Descriptor.Segment | Descriptor.Code) || !IsWide(code) || !fits)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, error);
        if (!code->Is(Descriptor.Present))
            return Descriptors.Refuse(cpu, Vectors.NotPresent, error);
        return Descriptors.MarkAccessed(cpu, code);
    }

    // L and D together are reserved (SDM vol. 3, 5.2.1).
    private static bool IsWide(Descriptor* code) => code->Is(Descriptor.Wide) && !code->Is(Descriptor.Default);

    private static bool WriteWord(Vcpu* cpu, ulong address, uint width, ulong value) => width == WordBytes
        ? GuestMemory.Write64(cpu, address, AccessFlags.Write, value)
        : GuestMemory.Write32(cpu, address, AccessFlags.Write, (uint)value);

    private static bool ReadWord(Vcpu* cpu, ulong address, uint width, ulong* value)
    {
        if (width == WordBytes)
            return GuestMemory.Read64(cpu, address, AccessFlags.Read, value);
        uint low;
        if (!GuestMemory.Read32(cpu, address, AccessFlags.Read, &low))
            return false;
        *value = low;
        return true;
    }

    // Whether it succeeds is told by Outcome.Resume and the new RIP; a fault was delivered otherwise.
    private static Outcome To(Vcpu* cpu, ulong rip, uint cs, ulong rsp, uint ss)
    {
        ulong level = cs & 3;
        Descriptor code;
        if ((cs & 0xFFFC) == 0)
            return Raise(cpu, Vectors.GeneralProtection, 0);
        if (!Descriptors.Read(cpu, cs, &code, Vectors.GeneralProtection))
            return Events.RaiseFault(cpu);
        bool levelFits = code.Is(Descriptor.ConformingOrDown) ? code.Level <= level : code.Level == level;
        if (!code.Is(Descriptor.Segment | Descriptor.Code) || level < cpu->Cpl || !levelFits)
            return Raise(cpu, Vectors.GeneralProtection, cs & 0xFFFC);
        if (!code.Is(Descriptor.Present))
            return Raise(cpu, Vectors.NotPresent, cs & 0xFFFC);
        if (!IsWide(&code))
            return Raise(cpu, Vectors.GeneralProtection, cs & 0xFFFC); // as if it were no code: hosts need not have any of 32 bits
        if (!CheckStack(cpu, ss, level))
            return Events.RaiseFault(cpu);
        if (!Addresses.AreCanonical(rip))
            return Raise(cpu, Vectors.GeneralProtection, 0);
        if (!Descriptors.MarkAccessed(cpu, &code))
            return Events.RaiseFault(cpu);
        if (level != cpu->Cpl)
            Segments.LeaveLevel(cpu, level);
        cpu->Ip = rip;
        cpu->Sp = rsp;
        cpu->Cpl = level;
        cpu->Page->Cs = cs;
        cpu->Page->Ss = ss;
        return Outcome.Resume;
    }

    // A null selector is good for 64-bit code of levels 0 to 2.
    private static bool CheckStack(Vcpu* cpu, uint selector, ulong level)
    {
        if ((selector & 0xFFFC) == 0)
            return (level < 3 && (selector & 3) == level) || Descriptors.Refuse(cpu, Vectors.GeneralProtection, 0);
        Descriptor data;
        if (!Descriptors.Read(cpu, selector, &data, Vectors.GeneralProtection))
            return false;
        bool isStack = data.Is(Descriptor.Segment | Descriptor.ReadableOrWritable) && !data.Is(Descriptor.Code);
        if (!isStack || data.Level != level || (selector & 3) != level)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, selector & 0xFFFC);
        if (!data.Is(Descriptor.Present))
            return Descriptors.Refuse(cpu, Vectors.Stack, selector & 0xFFFC);
        return Descriptors.MarkAccessed(cpu, &data);
    }

    private static Outcome Raise(Vcpu* cpu, uint vector, uint error)
    {
        Descriptors.Refuse(cpu, vector, error);
        return Events.RaiseFault(cpu);
    }
}
