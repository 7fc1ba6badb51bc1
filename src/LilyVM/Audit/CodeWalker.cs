using Iced.Intel;
using LilyVM.Boot;

namespace LilyVM.Audit;

/// <summary>One instruction with what is known about its place.</summary>
/// <param name="Section">Its section.</param>
/// <param name="Symbol">The symbol before it, or the section in brackets.</param>
/// <param name="Instruction">The instruction; invalid for one byte that is none.</param>
internal readonly record struct PlacedInstruction(ElfSection Section, string Symbol, Instruction Instruction);

/// <summary>
/// Disassembles all executable sections. Decoding starts anew at each symbol, so that data in the text cannot mislead it for longer than up
/// to the next one; an instruction that reaches beyond a symbol is read to its end.
/// </summary>
internal static class CodeWalker
{
    private const byte ObjectSymbol = 1, FunctionSymbol = 2, NoTypeSymbol = 0;

    internal static IEnumerable<PlacedInstruction> Walk(Elf kernel, GuestArchitecture architecture)
    {
        for (int index = 0; index < kernel.Sections.Count; index++)
        {
            ElfSection section = kernel.Sections[index];
            if (!section.IsExecutable)
                continue;
            byte[] bytes = kernel.Bytes(section).ToArray();
            foreach ((ulong start, ulong end, string symbol) in Regions(kernel, section, index))
            {
                Decoder decoder = DecoderAt(bytes, section, start, architecture);
                while (decoder.IP < end)
                {
                    ulong at = decoder.IP;
                    decoder.Decode(out Instruction instruction);
                    if (instruction.IsInvalid)
                    {
                        // One byte at a time: a longer step could skip the start of a good instruction.
                        instruction.IP = at;
                        decoder = DecoderAt(bytes, section, at + 1, architecture);
                    }
                    yield return new PlacedInstruction(section, symbol, instruction);
                }
            }
        }
    }

    private static Decoder DecoderAt(byte[] bytes, ElfSection section, ulong address, GuestArchitecture architecture)
    {
        int offset = (int)(address - section.Address);
        return Decoder.Create(architecture.Bits, new ByteArrayCodeReader(bytes, offset, bytes.Length - offset), address);
    }

    /// <summary>The stretches between symbols, without what a symbol declares to be data.</summary>
    private static IEnumerable<(ulong Start, ulong End, string Symbol)> Regions(Elf kernel, ElfSection section, int index)
    {
        ulong sectionEnd = section.Address + section.Size;
        // At one address the function's name is the best; names of local labels come last.
        var symbols = kernel.Symbols
            .Where(s => s.Section == index && s.Name.Length > 0 && s.Type <= FunctionSymbol && s.Address >= section.Address
                && s.Address < sectionEnd)
            .OrderBy(s => s.Address).ThenByDescending(s => s.Type == FunctionSymbol).ThenByDescending(s => s.Size)
            .DistinctBy(s => s.Address).ToList();
        ulong at = section.Address;
        string name = $"[{section.Name}]";
        foreach (ElfSymbol symbol in symbols)
        {
            if (symbol.Address > at)
                yield return (at, symbol.Address, name);
            bool isData = symbol.Type == ObjectSymbol && symbol.Size > 0;
            at = Math.Max(at, isData ? symbol.Address + Math.Min(symbol.Size, sectionEnd - symbol.Address) : symbol.Address);
            name = symbol.Type == NoTypeSymbol && symbol.Name.StartsWith(".L", StringComparison.Ordinal) ? name : symbol.Name;
        }
        if (at < sectionEnd)
            yield return (at, sectionEnd, name);
    }
}
