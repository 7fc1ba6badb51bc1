using System.Buffers.Binary;
using LilyVM.Abi;

namespace LilyVM.Boot;

/// <summary>What the assembler preprocessor wrote into a linked kernel: the sum of its notes, one per converted object (<see cref="ConversionNote"/>).</summary>
/// <param name="Objects">Number of converted objects; 0 for an unconverted kernel.</param>
/// <param name="AbiVersions">The ABI versions found, ascending; more than one after mixing objects of different preprocessors.</param>
/// <param name="Rewritten">Number of rewritten instructions.</param>
/// <param name="InlineSites">Places that hold an inline form instead of a call.</param>
public sealed record ConversionNotes(int Objects, IReadOnlyList<uint> AbiVersions, long Rewritten, IReadOnlyList<InlineSite> InlineSites)
{
    /// <summary>Whether any object of the kernel was converted.</summary>
    public bool IsConverted => Objects > 0;

    /// <summary>Reads the notes of a kernel.</summary>
    public static ConversionNotes Read(Elf32 kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        int objects = 0;
        long rewritten = 0;
        var versions = new SortedSet<uint>();
        var sites = new List<InlineSite>();
        foreach (ElfNote note in kernel.Notes().Where(n => n.Owner == ConversionNote.Owner && n.Type == ConversionNote.Type))
        {
            ReadOnlySpan<byte> bytes = note.Descriptor.Span;
            if (bytes.Length < ConversionNote.FixedSize)
                throw new LilyVMException($"{kernel.FileName} is damaged: a conversion note is cut off; build it again.");
            objects++;
            uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            versions.Add(version);
            rewritten += BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            if (version == VmArea.AbiVersion) // what follows the count may differ in other versions
                ReadSites(bytes[ConversionNote.FixedSize..], kernel.FileName, sites);
        }
        return new ConversionNotes(objects, [.. versions], rewritten, sites);
    }

    /// <summary>Reads the notes and refuses a kernel that this LilyVM cannot run.</summary>
    public static ConversionNotes RequireConverted(Elf32 kernel)
    {
        ConversionNotes notes = Read(kernel);
        if (!notes.IsConverted)
        {
            const string How = "build it with CC=\"gcc -B<directory of lily-as>\", as the README shows";
            if (kernel.Sections.Count == 0)
            {
                throw new LilyVMException(
                    $"{kernel.FileName} has no section headers and no conversion note: keep the headers (plain strip does), or {How}.");
            }
            if (kernel.Symbols.Any(s => s.Address >= VmArea.JumpTable && s.Name.StartsWith("lily_", StringComparison.Ordinal)))
            {
                throw new LilyVMException(
                    $"{kernel.FileName} was converted, but its section {ConversionNote.Section} is missing: a linker script that discards .note " +
                    "sections drops it too; keep it there.");
            }
            throw new LilyVMException($"{kernel.FileName} was not converted: {How}.");
        }
        if (notes.AbiVersions is not [VmArea.AbiVersion])
        {
            throw new LilyVMException(
                $"{kernel.FileName} was converted for ABI version {string.Join(" and ", notes.AbiVersions)}, but this LilyVM has version " +
                $"{VmArea.AbiVersion}: build all of it again with CC=\"gcc -B<directory of lily-as>\", as the README shows.");
        }
        return notes;
    }

    private static void ReadSites(ReadOnlySpan<byte> bytes, string fileName, List<InlineSite> sites)
    {
        if (bytes.Length % InlineSite.Size != 0)
            throw new LilyVMException($"{fileName} is damaged: the list of inline sites in a conversion note is cut off; build it again.");
        for (; bytes.Length > 0; bytes = bytes[InlineSite.Size..])
            sites.Add(new InlineSite(BinaryPrimitives.ReadUInt32LittleEndian(bytes), bytes[4], bytes[5], bytes[6], bytes[7]));
    }
}
