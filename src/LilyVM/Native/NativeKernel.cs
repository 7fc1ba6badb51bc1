using LilyVM.Boot;

namespace LilyVM.Native;

/// <summary>
/// Prepares a converted kernel for a machine where it runs in ring 0 (the native image of the VM library). Calls stay as they are; the
/// inline forms, which work on a page that no such machine keeps up to date, become the original instructions again.
/// </summary>
public static class NativeKernel
{
    // Recommended multi-byte NOPs (SDM vol. 2, NOP, table 4-12), index = length.
    private static readonly byte[][] Nops =
    [
        [],
        [0x90],
        [0x66, 0x90],
        [0x0F, 0x1F, 0x00],
        [0x0F, 0x1F, 0x40, 0x00],
        [0x0F, 0x1F, 0x44, 0x00, 0x00],
        [0x66, 0x0F, 0x1F, 0x44, 0x00, 0x00],
        [0x0F, 0x1F, 0x80, 0x00, 0x00, 0x00, 0x00],
        [0x0F, 0x1F, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
    ];

    /// <summary>The file with all inline forms undone; the kernel must be converted, for our ABI version.</summary>
    public static byte[] UndoInlineSites(ReadOnlyMemory<byte> image, string fileName) => UndoInlineSites(Elf.Parse(image, fileName));

    /// <summary>The file with all inline forms undone; the kernel must be converted, for our ABI version.</summary>
    public static byte[] UndoInlineSites(Elf kernel)
    {
        ConversionNotes notes = ConversionNotes.RequireConverted(kernel);
        byte[] undone = kernel.Image.ToArray();
        foreach (ConvertedSite site in notes.InlineSites)
        {
            int? offset = kernel.FileOffset(site.Address, site.Length);
            if (offset is null)
                throw Wrong(kernel, site, "lies outside the kernel");
            if (!InlineForm.IsKnownOriginal(site, notes.Architecture) || site.OriginalLength > site.Length)
                throw Wrong(kernel, site, "stands for no known instruction");
            // The untouched file is examined, so that overlapping sites are judged alike.
            if (!InlineForm.Matches(kernel.Image.Slice(offset.Value, site.Length), site.Address, notes.Architecture))
                throw Wrong(kernel, site, "holds other code");
            Undo(undone.AsSpan(offset.Value, site.Length), site);
        }
        return undone;
    }

    // At the end of its place: INT leaves its address behind, and STI has an effect on what follows it.
    private static void Undo(Span<byte> place, ConvertedSite site)
    {
        FillWithNops(place[..^site.OriginalLength]);
        site.OriginalBytes().CopyTo(place[^site.OriginalLength..]);
    }

    private static void FillWithNops(Span<byte> rest)
    {
        while (rest.Length > 0)
        {
            byte[] nop = Nops[Math.Min(rest.Length, Nops.Length - 1)];
            nop.CopyTo(rest);
            rest = rest[nop.Length..];
        }
    }

    private static LilyVMException Wrong(Elf kernel, ConvertedSite site, string how) =>
        new($"{kernel.FileName} is damaged: the inline site at 0x{site.Address:x8} {how}; build it again.");
}
