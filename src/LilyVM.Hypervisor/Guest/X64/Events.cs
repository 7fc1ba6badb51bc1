namespace LilyVM.Hypervisor.Guest;

internal static unsafe partial class Events
{
    // The last two in a TSS (7.7)
    private const uint GateBytes = 16, WordBytes = 8, FrameWords = 5, StackOfLevel0 = 4, FirstInterruptStack = 0x24;

    private static bool Deliver(Vcpu* cpu, uint vector, Kind kind, uint error, Outcome* outcome)
    {
        VcpuPage* page = cpu->Page;
        uint offset = vector * GateBytes;
        ulong gate, high;
        *outcome = Outcome.Resume;
        if (offset + GateBytes - 1 > page->IdtLimit)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, vector * 8 | InIdt);
        if (!GuestMemory.Read64(cpu, page->IdtBase + offset, AccessFlags.Read, &gate)
            || !GuestMemory.Read64(cpu, page->IdtBase + offset + WordBytes, AccessFlags.Read, &high))
            return false;
        uint attributes = (uint)(gate >> 32), type = attributes >> 8 & 0x1F;
        if (type is not (Descriptors.InterruptGate or Descriptors.TrapGate) || (kind == Kind.Software && (attributes >> 13 & 3) < cpu->Cpl))
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, vector * 8 | InIdt);
        if ((attributes & Descriptor.Present) == 0)
            return Descriptors.Refuse(cpu, Vectors.NotPresent, vector * 8 | InIdt);

        uint selector = (uint)gate >> 16;
        Descriptor code;
        if (!ReadHandlerCode(cpu, selector, &code))
            return false;
        ulong level = code.Is(Descriptor.ConformingOrDown) ? cpu->Cpl : code.Level;
        ulong target = (gate & 0xFFFF) | (gate >> 32 & 0xFFFF_0000) | high << 32, stack;
        if (!Stack(cpu, level, attributes & 7, &stack))
            return false;
        if (!Addresses.AreCanonical(target))
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, 0);
        bool hasError = kind == Kind.Exception && Vectors.HasErrorCode(vector);
        if (!Descriptors.MarkAccessed(cpu, &code) || !PushFrame(cpu, stack, kind, hasError, error))
            return false;

        if (level != cpu->Cpl)
            page->Ss = level; // a null selector (SDM vol. 3, 6.14.2)
        cpu->Sp = stack - (FrameWords + (hasError ? 1u : 0)) * WordBytes;
        cpu->Ip = target;
        cpu->Cpl = level;
        page->Cs = (selector & 0xFFFC) | level;
        if (type == Descriptors.InterruptGate)
            Flags.SetInterrupt(cpu, false);
        cpu->Flags &= ~Flags.Trap;
        cpu->VirtualFlags &= ~Flags.NestedTask;
        return true;
    }

    private static bool ReadHandlerCode(Vcpu* cpu, uint selector, Descriptor* code)
    {
        if ((selector & 0xFFFC) == 0)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, 0);
        if (!Descriptors.Read(cpu, selector, code, Vectors.GeneralProtection))
            return false;
        bool isWide = code->Is(Descriptor.Segment | Descriptor.Code | Descriptor.Wide) && !code->Is(Descriptor.Default);
        if (!isWide || code->Level > cpu->Cpl)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, selector & 0xFFFC);
        return code->Is(Descriptor.Present) || Descriptors.Refuse(cpu, Vectors.NotPresent, selector & 0xFFFC);
    }

    // That of the gate (IST 1 to 7), else that of the inner level, else the one in use; aligned (SDM vol. 3, 6.14.2 and 6.14.5).
    private static bool Stack(Vcpu* cpu, ulong level, uint interruptStack, ulong* stack)
    {
        *stack = cpu->Sp;
        if (interruptStack != 0 || level != cpu->Cpl)
        {
            ulong offset = interruptStack != 0 ? FirstInterruptStack + (interruptStack - 1) * WordBytes : StackOfLevel0 + level * WordBytes;
            if (offset + WordBytes - 1 > cpu->TssLimit)
                return Descriptors.Refuse(cpu, Vectors.InvalidTss, (uint)cpu->Tr & 0xFFFC);
            if (!GuestMemory.Read64(cpu, cpu->TssBase + offset, AccessFlags.Read, stack))
                return false;
        }
        *stack &= ~15ul;
        return Addresses.AreCanonical(*stack) || Descriptors.Refuse(cpu, Vectors.Stack, 0);
    }

    // Pushes as the new level does, whose rights count; level 3 has handlers of its own only from level 3.
    private static bool PushFrame(Vcpu* cpu, ulong stack, Kind kind, bool hasError, uint error)
    {
        const ulong PageSize = 0x1000;
        VcpuPage* page = cpu->Page;
        uint bytes = (FrameWords + (hasError ? 1u : 0)) * WordBytes;
        ulong bottom = stack - bytes;
        byte* place;
        if (!GuestMemory.Probe(cpu, stack - WordBytes, WordBytes, AccessFlags.Write))
            return false; // the CPU pushes from the top
        if (!GuestMemory.Place(cpu, bottom, bytes, AccessFlags.Write, &place))
        {
            cpu->Fault.Address = ((stack - WordBytes) & ~(PageSize - 1)) - WordBytes;
            return false;
        }
        ulong flags = Flags.Get(cpu) | (kind == Kind.Exception ? Flags.Resume : 0);
        if (place != null)
        {
            Write((ulong*)place, cpu, flags, hasError, error);
            return true;
        }
        return PushSlowly(cpu, bottom, flags, hasError, error);
    }

    private static void Write(ulong* word, Vcpu* cpu, ulong flags, bool hasError, uint error)
    {
        if (hasError)
            *word++ = error;
        word[0] = cpu->Ip;
        word[1] = cpu->Page->Cs & 0xFFFF;
        word[2] = flags;
        word[3] = cpu->Sp;
        word[4] = cpu->Page->Ss & 0xFFFF;
    }

    private static bool PushSlowly(Vcpu* cpu, ulong at, ulong flags, bool hasError, uint error)
    {
        if (hasError)
        {
            if (!GuestMemory.Write64(cpu, at, AccessFlags.Write, error))
                return false;
            at += WordBytes;
        }
        return GuestMemory.Write64(cpu, at, AccessFlags.Write, cpu->Ip)
            && GuestMemory.Write64(cpu, at + WordBytes, AccessFlags.Write, cpu->Page->Cs & 0xFFFF)
            && GuestMemory.Write64(cpu, at + 2 * WordBytes, AccessFlags.Write, flags)
            && GuestMemory.Write64(cpu, at + 3 * WordBytes, AccessFlags.Write, cpu->Sp)
            && GuestMemory.Write64(cpu, at + 4 * WordBytes, AccessFlags.Write, cpu->Page->Ss & 0xFFFF);
    }
}
