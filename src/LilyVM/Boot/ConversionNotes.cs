using System.Buffers.Binary;
using LilyVM.Abi;

namespace LilyVM.Boot;

/// <summary>
/// What the assembler preprocessor wrote into a linked kernel: the sum of its notes, one per converted object (<see
/// cref="ConversionNote"/>).
/// </summary>
/// <param name="Architecture">
/// The kernel's: what its notes say, else its file. Boot loaders that take 32-bit files only make kernels hide 64-bit code in one.
/// </param>
/// <param name="Objects">Number of converted objects; 0 for an unconverted kernel.</param>
/// <param name="AbiVersions">The ABI versions found, ascending; more than one after mixing objects of different preprocessors.</param>
/// <param name="Rewritten">Number of rewritten instructions.</param>
/// <param name="InlineSites">Places that hold an inline form instead of a call.</param>
public sealed record ConversionNotes(
    GuestArchitecture Architecture, int Objects, IReadOnlyList<uint> AbiVersions, long Rewritten, IReadOnlyList<ConvertedSite> InlineSites)
{
    /// <summary>Whether any object of the kernel was converted.</summary>
    public bool IsConverted => Objects > 0;

    // Addresses from here on, up to the end, are the upper half (SDM vol. 1, 3.3.7.1); a host keeps it to itself.
    private const ulong UpperHalf = 1UL << 47;

    /// <summary>Reads the notes of a kernel.</summary>
    /// <exception cref="LilyVMException">They are damaged, or for several architectures.</exception>
    public static ConversionNotes Read(Elf kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        List<ElfNote> all = [.. kernel.Notes().Where(n => n.Owner == ConversionNote.Owner)];
        GuestArchitecture architecture = ArchitectureOf(kernel, all);
        int objects = 0;
        long rewritten = 0;
        var versions = new SortedSet<uint>();
        var sites = new List<ConvertedSite>();
        foreach (ElfNote note in all.Where(n => n.Type == architecture.NoteType))
        {
            ReadOnlySpan<byte> bytes = note.Descriptor.Span;
            if (bytes.Length < ConversionNote.FixedSize)
                throw new LilyVMException($"{kernel.FileName} is damaged: a conversion note is cut off; build it again.");
            objects++;
            uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            versions.Add(version);
            rewritten += BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            if (version == architecture.AbiVersion) // what follows the count may differ in other versions
                ReadSites(bytes[ConversionNote.FixedSize..], architecture, kernel.FileName, sites);
        }
        return new ConversionNotes(architecture, objects, [.. versions], rewritten, sites);
    }

    /// <summary>Reads the notes and refuses a kernel that this LilyVM cannot run.</summary>
    public static ConversionNotes RequireConverted(Elf kernel)
    {
        ConversionNotes notes = Read(kernel);
        RequireLowerHalf(kernel);
        if (!notes.IsConverted)
        {
            const string How = "build it with CC=\"gcc -B<directory of lily-as>\", as the README shows";
            if (kernel.Sections.Count == 0)
            {
                throw new LilyVMException(
                    $"{kernel.FileName} has no section headers and no conversion note: keep the headers (plain strip does), or {How}.");
            }
            if (kernel.Symbols.Any(s => notes.Architecture.IsInArea(s.Address) && s.Name.StartsWith("lily_", StringComparison.Ordinal)))
            {
                throw new LilyVMException(
                    $"{kernel.FileName} was converted, but its section {ConversionNote.Section} is missing: a linker script that " +
                    "discards .note " +
                    "sections drops it too; keep it there.");
            }
            throw new LilyVMException($"{kernel.FileName} was not converted: {How}.");
        }
        if (notes.AbiVersions is not [uint only] || only != notes.Architecture.AbiVersion)
        {
            throw new LilyVMException(
                $"{kernel.FileName} was converted for ABI version {string.Join(" and ", notes.AbiVersions)}, but this LilyVM has version " +
                $"{notes.Architecture.AbiVersion}: build all of it again with CC=\"gcc -B<directory of lily-as>\", as the README shows.");
        }
        return notes;
    }

    private static GuestArchitecture ArchitectureOf(Elf kernel, List<ElfNote> notes)
    {
        List<GuestArchitecture> found = [.. GuestArchitecture.All.Where(a => notes.Any(n => n.Type == a.NoteType))];
        if (found.Count > 1)
            throw new LilyVMException(
                $"{kernel.FileName} holds objects that were converted for {found[0].Name} and for {found[1].Name}: build all of it for " +
                "one of them.");
        GuestArchitecture architecture = found.Count == 1 ? found[0] : kernel.Architecture;
        return architecture.Bits >= kernel.Architecture.Bits
            ? architecture
            : throw new LilyVMException(
                $"{kernel.FileName} is a 64-bit file that was converted for {architecture.Name}: assemble it with as --64.");
    }

    private static void RequireLowerHalf(Elf kernel)
    {
        foreach (ElfSegment segment in kernel.LoadSegments)
        {
            if (segment.VirtualAddress >= UpperHalf)
            {
                throw new LilyVMException(
                    $"{kernel.FileName} is linked at 0x{segment.VirtualAddress:x}, in the upper half of the address space, which is the " +
                    "host's: build it as " +
                    "`lilyvm guest build linux --arch x86_64` does, moved to the lower half and converted.");
            }
        }
    }

    private static void ReadSites(ReadOnlySpan<byte> bytes, GuestArchitecture architecture, string fileName, List<ConvertedSite> sites)
    {
        if (bytes.Length % architecture.SiteSize != 0)
            throw new LilyVMException($"{fileName} is damaged: the list of inline sites in a conversion note is cut off; build it again.");
        for (; bytes.Length > 0; bytes = bytes[architecture.SiteSize..])
            sites.Add(ConvertedSite.Read(bytes, architecture));
    }
}
