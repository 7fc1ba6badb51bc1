using LilyVM.Abi;

namespace LilyVM.Hypervisor.Guest;

internal static unsafe partial class Events
{
    private static bool Deliver(Vcpu* cpu, uint vector, Kind kind, uint error, Outcome* outcome)
    {
        VcpuPage* page = cpu->Page;
        uint offset = vector * 8;
        ulong gate;
        *outcome = Outcome.Resume;
        if (offset + 7 > page->IdtLimit)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, offset | InIdt);
        if (!GuestMemory.Read64(cpu, page->IdtBase + offset, AccessFlags.Read, &gate))
            return false;
        uint low = (uint)gate, high = (uint)(gate >> 32), type = Type(gate);
        if (type is not (Descriptors.InterruptGate or Descriptors.TrapGate or Descriptors.TaskGate)
            || (kind == Kind.Software && (high >> 13 & 3) < cpu->Cpl))
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, offset | InIdt);
        if ((high & Descriptor.Present) == 0)
            return Descriptors.Refuse(cpu, Vectors.NotPresent, offset | InIdt);
        bool hasError = kind == Kind.Exception && Vectors.HasErrorCode(vector);
        if (type == Descriptors.TaskGate)
            return TaskSwitch.Enter(cpu, low >> 16, hasError, error, outcome);

        uint selector = low >> 16;
        Descriptor code;
        if ((selector & 0xFFFC) == 0)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, 0);
        if (!Descriptors.Read(cpu, selector, &code, Vectors.GeneralProtection))
            return false;
        if (!code.Is(Descriptor.Segment | Descriptor.Code) || code.Level > cpu->Cpl)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, selector & 0xFFFC);
        if (!code.Is(Descriptor.Present))
            return Descriptors.Refuse(cpu, Vectors.NotPresent, selector & 0xFFFC);

        uint level = code.Is(Descriptor.ConformingOrDown) ? cpu->Cpl : code.Level, stack = cpu->Sp, stackSelector = page->Ss;
        bool inner = level < cpu->Cpl;
        if (inner && !InnerStack(cpu, level, &stack, &stackSelector))
            return false;
        if (Target(gate) > code.Limit)
            return Descriptors.Refuse(cpu, Vectors.GeneralProtection, 0);
        if (!Descriptors.MarkAccessed(cpu, &code) || !PushFrame(cpu, stack, inner, hasError, error))
            return false;

        cpu->Sp = stack - FrameBytes(inner, hasError);
        Enter(cpu, gate, stackSelector, level);
        return true;
    }

    /// <summary>
    /// The last step of a delivery, when the frame is written and ESP points to it: goes on where an interrupt or trap gate says.
    /// </summary>
    public static void Enter(Vcpu* cpu, ulong gate, uint stackSelector, uint level)
    {
        VcpuPage* page = cpu->Page;
        cpu->Ip = Target(gate);
        cpu->Cpl = level;
        page->Cs = ((uint)gate >> 16 & 0xFFFC) | level;
        page->Ss = stackSelector;
        if (Type(gate) == Descriptors.InterruptGate)
            page->InterruptFlag = 0;
        cpu->Flags &= ~Flags.Trap;
        cpu->VirtualFlags &= ~Flags.NestedTask;
    }

    /// <summary>
    /// Whether a gate leads to where the vCPU is, and code of privilege level 3 may use it if <paramref name="gateLevel"/> is 3.
    /// </summary>
    public static bool LeadsHere(Vcpu* cpu, ulong gate, uint gateLevel)
    {
        uint high = (uint)(gate >> 32);
        return Type(gate) is Descriptors.InterruptGate or Descriptors.TrapGate && (high & Descriptor.Present) != 0
            && (high >> 13 & 3) >= gateLevel
            && Target(gate) == cpu->Ip && ((uint)gate >> 16 & 0xFFFC) == (cpu->Page->Cs & 0xFFFC);
    }

    private static uint Target(ulong gate) => ((uint)gate & 0xFFFF) | ((uint)(gate >> 32) & 0xFFFF_0000);

    private static uint Type(ulong gate) => (uint)(gate >> 40) & 0x1F;

    /// <summary>The stack of an inner level, from the TSS (SDM vol. 3, 7.2.1).</summary>
    public static bool InnerStack(Vcpu* cpu, uint level, uint* stack, uint* selector)
    {
        uint offset = 4 + level * 8;
        if (offset + 5 > cpu->TssLimit)
            return Descriptors.Refuse(cpu, Vectors.InvalidTss, cpu->Page->Tr & 0xFFFC);
        ulong both;
        if (!GuestMemory.Read64(cpu, cpu->TssBase + offset, AccessFlags.Read, &both))
            return false;
        *stack = (uint)both;
        *selector = (uint)(both >> 32) & 0xFFFF;
        return Segments.CheckStack(cpu, *selector, level, Vectors.InvalidTss);
    }

    private static uint FrameBytes(bool inner, bool hasError) => (inner ? 20u : 12u) + (hasError ? 4u : 0);

    // Pushes as the new level does, which is never level 3 with another stack; so the kernel's rights count, except for a program's own
    // handler.
    private static bool PushFrame(Vcpu* cpu, uint stack, bool inner, bool hasError, uint error)
    {
        VcpuPage* page = cpu->Page;
        uint bytes = FrameBytes(inner, hasError), bottom = stack - bytes,
            access = AccessFlags.Write | (!inner && cpu->Cpl == 3 ? AccessFlags.User : 0);
        byte* place;
        if (!GuestMemory.Place(cpu, bottom, bytes, access, &place))
            return Fits(cpu, stack, bytes, access);
        uint flags = Flags.Get(cpu);
        if (place != null)
        {
            uint* word = (uint*)place;
            if (hasError)
                *word++ = error;
            word[0] = cpu->Ip;
            word[1] = page->Cs & 0xFFFF;
            word[2] = flags;
            if (inner)
            {
                word[3] = cpu->Sp;
                word[4] = page->Ss & 0xFFFF;
            }
            return true;
        }
        if (!Fits(cpu, stack, bytes, access))
            return false;
        if (hasError)
        {
            GuestMemory.Write32(cpu, bottom, access, error);
            bottom += 4;
        }
        GuestMemory.Write32(cpu, bottom, access, cpu->Ip);
        GuestMemory.Write32(cpu, bottom + 4, access, page->Cs & 0xFFFF);
        GuestMemory.Write32(cpu, bottom + 8, access, flags);
        if (inner)
        {
            GuestMemory.Write32(cpu, bottom + 12, access, cpu->Sp);
            GuestMemory.Write32(cpu, bottom + 16, access, page->Ss & 0xFFFF);
        }
        return true;
    }

    // The CPU pushes from the top, so a fault is that of the highest word which cannot be written.
    private static bool Fits(Vcpu* cpu, uint stack, uint bytes, uint access)
    {
        const uint Word = 4, PageSize = 0x1000;
        uint top = stack - Word;
        if (!GuestMemory.Probe(cpu, top, Word, access))
            return false;
        if (GuestMemory.Probe(cpu, stack - bytes, bytes, access))
            return true;
        cpu->Fault.Address = (top & ~(PageSize - 1)) - Word;
        return false;
    }
}
