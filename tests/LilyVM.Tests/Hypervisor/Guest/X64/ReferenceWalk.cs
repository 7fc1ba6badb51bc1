namespace LilyVM.Tests.Hypervisor.Guest.X64;

/// <summary>
/// The page walk once more, as plain as SDM vol. 3, 4.5 to 4.8 tells it, on an array of RAM words. Null for a fault, else the physical
/// address.
/// </summary>
internal sealed class ReferenceWalk(ulong[] ram)
{
    private const ulong NotFound = ulong.MaxValue;

    public ulong Root { get; init; }

    public bool WriteProtect { get; init; }

    public bool NoExecute { get; init; }

    /// <summary>Vector and error code of the last fault.</summary>
    public (uint Vector, uint Error) Fault { get; private set; }

    /// <summary>Rights of all levels together after a success, size of the page, and the index in RAM of the entry that holds it.</summary>
    public (bool Writable, bool User, bool Executable, ulong Size, ulong Leaf) Found { get; private set; }

    public ulong? Walk(ulong gva, bool write, bool user, bool fetch)
    {
        if (gva is > 0x7FFF_FFFF_FFFF and < 0xFFFF_8000_0000_0000)
            return Fail(13, 0);
        uint error = (write ? 2u : 0) + (user ? 4u : 0) + (fetch && NoExecute ? 16u : 0);
        bool writable = true, open = true, executable = true;
        ulong table = Root, size = 512ul * 1024 * 1024 * 1024;
        for (int level = 4; level >= 1; level--, size /= 512)
        {
            ulong index = Index(table, gva / size % 512);
            if (index == NotFound || ram[index] % 2 == 0)
                return Fail(14, error);
            ulong entry = ram[index], frame = entry % (1ul << 52) / 4096 * 4096;
            bool isPage = level == 1 || ((entry & 0x80) != 0 && level < 4);
            bool isReserved = (entry >> 63 != 0 && !NoExecute) || (level == 4 && (entry & 0x80) != 0)
                || (isPage && level > 1 && frame % size / 8192 != 0);
            if (isReserved)
                return Fail(14, error + 9);
            writable &= (entry & 2) != 0;
            open &= (entry & 4) != 0;
            executable &= entry >> 63 == 0;
            if (!isPage)
            {
                ram[index] |= 0x20;
                table = frame;
                continue;
            }
            if ((user && !open) || (fetch && !executable) || (write && !writable && (user || WriteProtect)))
                return Fail(14, error + 1);
            ram[index] |= write ? 0x60u : 0x20;
            Found = (writable, open, executable, size, index);
            return frame / size * size + gva % size;
        }
        throw new InvalidOperationException("the last level has pages");
    }

    private ulong? Fail(uint vector, uint error)
    {
        Fault = (vector, error);
        return null;
    }

    private ulong Index(ulong table, ulong number)
    {
        ulong index = table / 8 + number;
        return index < (ulong)ram.Length ? index : NotFound;
    }
}
