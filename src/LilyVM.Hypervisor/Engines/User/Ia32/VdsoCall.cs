using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Guest system calls without a trap. The vDSO of a 32-bit Linux guest pushes ECX, EDX and EBP, then executes INT 80h. The 7 bytes before
/// that INT, the pushes and padding, become a far call into the stub, which does the pushes and enters the guest kernel as INT 80h would
/// have. The INT itself stays: the guest kernel restarts calls by going back to it. Safe: guest memory is reached through the page walk
/// only.
/// </summary>
internal static unsafe class VdsoCall
{
    private const uint FarCallLength = 7, ReturnBytes = 8;
    private const byte FarCall = 0x9A, HostCode = 0x33;

    /// <summary>The system call of a guest program whose stack holds the far call's return address and selector.</summary>
    public static Outcome Execute(Vcpu* cpu)
    {
        byte* place = SoftwareTlb.Find(&cpu->Tlb, cpu->Sp - 4, AccessFlags.Write | AccessFlags.User);
        if (place != null && (cpu->Sp - 4 & 0xFFF) <= 0x1000 - 12 && cpu->Cpl == 3)
        {
            // All three pushes lie in a page known to be writable; the far call's frame is overwritten by them.
            uint* words = (uint*)place;
            uint target = words[1];
            words[2] = cpu->Cx;
            words[1] = cpu->Dx;
            words[0] = cpu->Bp;
            cpu->Sp -= 4;
            return ProgramEntry.SystemCall(cpu, target + 2, target);
        }
        uint interrupt, stack = cpu->Sp + ReturnBytes, access = AccessFlags.Write | (cpu->Cpl == 3 ? AccessFlags.User : 0);
        if (!GuestMemory.Read32(cpu, cpu->Sp, access & AccessFlags.User, &interrupt))
            return Events.RaiseFault(cpu);
        cpu->Sp = stack;
        cpu->Ip = interrupt - FarCallLength; // of a fault: the first push
        if (!GuestMemory.Write32(cpu, stack - 4, access, cpu->Cx) || !GuestMemory.Write32(cpu, stack - 8, access, cpu->Dx)
            || !GuestMemory.Write32(cpu, stack - 12, access, cpu->Bp))
            return Events.RaiseFault(cpu);
        cpu->Sp = stack - 12;
        return ProgramEntry.SystemCall(cpu, interrupt + 2, interrupt);
    }

    /// <summary>An INT 80h was caught: patches the code before it if it is the vDSO's.</summary>
    public static void Patch(Vcpu* cpu, uint interrupt)
    {
        uint start = interrupt - FarCallLength;
        Translation translation;
        if ((start & 0xFFF) > 0xFFF - FarCallLength - 2 || !PageWalk.Walk(cpu, start, AccessFlags.User, &translation)
            || translation.Gpa >= cpu->RamEnd)
            return;
        byte* code = cpu->Ram + translation.Gpa;
        uint padding = *(uint*)(code + 3);
        // push %ecx; push %edx; push %ebp; then what the linker or the alternatives of the guest kernel fill holes with.
        if (code[0] != 0x51 || code[1] != 0x52 || code[2] != 0x55 || code[7] != 0xCD || code[8] != 0x80
            || (padding != 0x90909090 && padding != 0x0026748D && padding != 0x00401F0F))
            return;
        code[0] = FarCall;
        *(uint*)(code + 1) = Layout.SystemCallTrampoline;
        code[5] = HostCode;
        code[6] = 0;
        This.Count(Counter.VdsoPatches);
    }
}
