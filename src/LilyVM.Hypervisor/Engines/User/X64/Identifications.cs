namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// CPUID of programs without the host: on a machine that is a guest itself each one is an exit of many microseconds, and the dynamic linker
/// executes some forty at every execve. Unlike SYSCALL it does not trap, so it is found by reading code: <c>mov $leaf, %eax; cpuid</c>,
/// perhaps with ECX set by a constant in between, on the boundaries of instructions. Nothing else has these bytes but by a chance of
/// 2 to the -50th. The MOV becomes a jump; CPUID stays, for who comes to it in another way. Safe: reads a page of code, writes its copy.
/// </summary>
internal static unsafe class Identifications
{
    private const uint Page = 0x1000, Bytes = 2;
    private const byte MoveToEax = 0xB8, MoveToEcx = 0xB9;
    private const ushort Cpuid = 0xA20F, ClearEcx = 0xC931; // as words of memory

    /// <summary>Patches what there is in a page that has a copy.</summary>
    public static void Patch(byte* page, byte* patched, uint copy)
    {
        bool isListed = false;
        for (uint at = PatchPiece.Move; at <= Page - Bytes; at++)
        {
            uint start = *(ushort*)(page + at) == Cpuid ? StartOf(page, at) : Page;
            uint entry = start == Page ? CpuidTable.Capacity : Find(page, start, at);
            if (entry == CpuidTable.Capacity)
                continue;
            isListed = isListed || Padding.List(page, at, copy);
            if (!isListed || !PatchTable.HasRoom(copy)
                || (PatchTable.TailOf(copy, PatchWay.Identification) == 0
                    && !PatchWriter.WriteTail(patched, copy, PatchWay.Identification)))
                return;
            if (!Padding.HasInstruction(start) || !Padding.HasInstruction(at)
                || !PatchWriter.WriteIdentification(patched, copy, start, IdentificationCode.Of(start, at + Bytes, entry)))
                continue;
            Publish(entry);
            This.Count(Counter.IdentificationsPatched);
        }
    }

    /// <summary>Whether a piece of memory, a multiple of 8 bytes, has what looks like one that can be patched.</summary>
    public static bool AreIn(byte* code, ulong bytes)
    {
        const ulong Ones = 0x0101_0101_0101_0101, Tops = Ones << 7, Seconds = Ones * (Cpuid >> 8);
        for (ulong at = 16; at < bytes; at += 8)
        {
            ulong different = *(ulong*)(code + at) ^ Seconds;
            if ((different - Ones & ~different & Tops) == 0)
                continue; // no byte is CPUID's second one
            for (ulong second = at; second < at + 8; second++)
            {
                byte* cpuid = code + second - 1;
                if (*(ushort*)cpuid == Cpuid && (cpuid[-5] == MoveToEax || cpuid[-7] == MoveToEax || cpuid[-10] == MoveToEax))
                    return true;
            }
        }
        return false;
    }

    // The MOV of the leaf before a CPUID, or the page's end.
    private static uint StartOf(byte* page, uint at)
    {
        uint before = at - PatchPiece.Move;
        if (page[before] == MoveToEax)
            return before;
        uint second = at >= PatchPiece.Move + 2 && *(ushort*)(page + at - 2) == ClearEcx ? before - 2
            : at >= 2 * PatchPiece.Move && page[before] == MoveToEcx ? before - PatchPiece.Move : Page;
        return second != Page && page[second] == MoveToEax ? second : Page;
    }

    // The number of what it returns; without a constant in ECX only if that does not matter.
    private static uint Find(byte* page, uint start, uint at)
    {
        uint between = at - start - PatchPiece.Move, leaf = *(uint*)(page + start + 1);
        uint subleaf = between == PatchPiece.Move ? *(uint*)(page + at - 4) : 0;
        CpuidTable* table = &This.Machine->ProgramCpuid;
        uint entry = CpuidTable.Find(table, leaf, subleaf);
        bool isKnown = entry != CpuidTable.Capacity && (between != 0 || CpuidTable.At(table, entry)->Subleaf == CpuidEntry.AnySubleaf);
        return isKnown ? entry : CpuidTable.Capacity;
    }

    private static void Publish(uint number)
    {
        CpuidEntry* entry = CpuidTable.At(&This.Machine->ProgramCpuid, number);
        uint* result = This.Vcpu->Identification + number * 4;
        result[0] = entry->Eax;
        result[1] = entry->Ebx;
        result[2] = entry->Ecx;
        result[3] = entry->Edx;
    }
}
