using System.Buffers.Binary;
using System.Text;
using LilyVM.Abi;
using InlineSite = LilyVM.Abi.X64.InlineSite;
using VmArea = LilyVM.Abi.X64.VmArea;

namespace LilyVM.Native;

/// <summary>
/// Prepares a converted x86-64 kernel for a machine where it runs in ring 0 (the native image of the VM library). Calls stay as they are; what works
/// on the vCPU page becomes the original instruction again. Offsets: System V gABI, ELF-64.
/// </summary>
public static class NativeKernelX64
{
    private const int HeaderSize = 64, SectionSize = 64, SegmentSize = 56;
    private const uint LoadSegment = 1, NoteSection = 7;

    /// <summary>The file with all inline sites undone; the kernel must be converted, for our ABI version.</summary>
    /// <exception cref="LilyVMException">It is not, or it is damaged.</exception>
    public static byte[] UndoInlineSites(ReadOnlyMemory<byte> image, string fileName)
    {
        byte[] file = image.ToArray();
        if (file.Length < HeaderSize || !file.AsSpan(0, 5).SequenceEqual("\x7f"u8 + "ELF\x2"u8))
            throw new LilyVMException($"{fileName} is not a 64-bit ELF file; give an x86-64 kernel (Linux: vmlinux, not bzImage).");
        try
        {
            int notes = Sections(file).Where(s => s.Type == NoteSection).Sum(s => UndoNotes(file, (int)s.Offset, (int)s.Size, fileName));
            return notes > 0 ? file : throw new LilyVMException($"{fileName} was not converted: build it with CC=\"gcc -B<directory of lily-as>\", as the README shows.");
        }
        catch (Exception e) when (e is ArgumentException or OverflowException or IndexOutOfRangeException)
        {
            throw new LilyVMException($"{fileName} is damaged: a table reaches beyond the end of the file; build it again.", e);
        }
    }

    // Returns the number of conversion notes.
    private static int UndoNotes(byte[] file, int at, int size, string fileName)
    {
        int found = 0;
        for (int end = checked(at + size); at < end;)
        {
            uint nameSize = U32(file, at), descriptorSize = U32(file, at + 4), type = U32(file, at + 8);
            int descriptor = checked(at + 12 + (int)RoundUp(nameSize)), next = checked(descriptor + (int)RoundUp(descriptorSize));
            if (Encoding.Latin1.GetString(file, at + 12, (int)nameSize).TrimEnd('\0') == ConversionNote.Owner && type == ConversionNote.TypeX64)
            {
                found++;
                if (U32(file, descriptor) != VmArea.AbiVersion)
                {
                    throw new LilyVMException(
                        $"{fileName} was converted for ABI version {U32(file, descriptor)}, but this LilyVM has version {VmArea.AbiVersion}: build all of it again.");
                }
                for (int site = descriptor + ConversionNote.FixedSize; site < descriptor + descriptorSize; site += InlineSite.Size)
                    Undo(file, Read(file.AsSpan(site, InlineSite.Size)), fileName);
            }
            at = next;
        }
        return found;
    }

    private static InlineSite Read(ReadOnlySpan<byte> record) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(record), record[8], record.Slice(10, Math.Min(record[9], (byte)InlineSite.LongestOriginal)).ToArray());

    private static void Undo(byte[] file, InlineSite site, string fileName)
    {
        int? offset = FileOffset(file, site.Address, site.Length);
        if (offset is null || site.Original.Length > site.Length)
            throw new LilyVMException($"{fileName} is damaged: the inline site at 0x{site.Address:x} lies outside the kernel; build it again.");
        Span<byte> place = file.AsSpan(offset.Value, site.Length);
        NativeKernel.FillWithNops(place[..^site.Original.Length]);
        site.Original.Span.CopyTo(place[^site.Original.Length..]);
    }

    private static int? FileOffset(byte[] file, ulong address, int length)
    {
        int table = checked((int)U64(file, 32)), count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(56));
        for (int at = table; at < table + count * SegmentSize; at += SegmentSize)
        {
            ulong start = address - U64(file, at + 16);
            if (U32(file, at) == LoadSegment && address >= U64(file, at + 16) && start + (ulong)length <= U64(file, at + 32))
                return checked((int)(U64(file, at + 8) + start));
        }
        return null;
    }

    private static IEnumerable<(uint Type, ulong Offset, ulong Size)> Sections(byte[] file)
    {
        int table = checked((int)U64(file, 40)), count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(60));
        for (int at = table; at < table + count * SectionSize; at += SectionSize)
            yield return (U32(file, at + 4), U64(file, at + 24), U64(file, at + 32));
    }

    private static uint RoundUp(uint size) => (size + 3) & ~3u;

    private static uint U32(byte[] file, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(offset));

    private static ulong U64(byte[] file, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(offset));
}
