namespace LilyVM.Tests.Hypervisor.Guest;

/// <summary>
/// The page walk once more, as plain as SDM vol. 3, 4.3 to 4.8 tells it, on an array of RAM words. Null for a fault, else the physical
/// address.
/// </summary>
internal sealed class ReferenceWalk(uint[] ram)
{
    public uint Cr3 { get; init; }

    public bool WriteProtect { get; init; }

    public bool LargePages { get; init; }

    /// <summary>The error code of the last fault.</summary>
    public uint Error { get; private set; }

    public uint? Walk(uint gva, bool write, bool user)
    {
        Error = (write ? 2u : 0) + (user ? 4u : 0);
        uint directory = Cr3 / 4096 * 1024 + gva / 0x40_0000;
        if (directory >= ram.Length || ram[directory] % 2 == 0)
            return null;
        bool large = LargePages && (ram[directory] & 0x80) != 0;
        uint leaf = large ? directory : ram[directory] / 4096 * 1024 + gva / 4096 % 1024;
        if (leaf >= ram.Length || ram[leaf] % 2 == 0)
            return null;
        bool userPage = (ram[directory] & ram[leaf] & 4) != 0, writablePage = (ram[directory] & ram[leaf] & 2) != 0;
        bool mayWrite = writablePage || (!user && !WriteProtect);
        if ((user && !userPage) || (write && !mayWrite))
        {
            Error += 1;
            return null;
        }
        ram[directory] |= 0x20;
        ram[leaf] |= write ? 0x60u : 0x20;
        uint size = large ? 0x40_0000u : 4096;
        return ram[leaf] / size * size + gva % size;
    }
}
