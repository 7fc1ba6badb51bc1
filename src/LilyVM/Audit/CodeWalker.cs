using Iced.Intel;
using LilyVM.Boot;

namespace LilyVM.Audit;

/// <summary>One instruction with what is known about its place.</summary>
/// <param name="Section">Its section.</param>
/// <param name="Symbol">The symbol before it, or the section in brackets.</param>
/// <param name="Instruction">The instruction; invalid for one byte that is none.</param>
internal readonly record struct PlacedInstruction(ElfSection Section, string Symbol, Instruction Instruction);

/// <summary>
/// Disassembles all executable sections. Decoding starts anew at each symbol, so that data in the text cannot mislead it for longer than up to the
/// next one; an instruction that reaches beyond a symbol is read to its end.
/// </summary>
internal static class CodeWalker
{
    private const byte ObjectSymbol = 1, FunctionSymbol = 2, NoTypeSymbol = 0;

    internal static IEnumerable<PlacedInstruction> Walk(Elf32 kernel)
    {
        for (int index = 0; index < kernel.Sections.Count; index++)
        {
            ElfSection section = kernel.Sections[index];
            if (!section.IsExecutable)
                continue;
            byte[] bytes = kernel.Bytes(section).ToArray();
            foreach ((uint start, uint end, string symbol) in Regions(kernel, section, index))
            {
                var decoder = Decoder.Create(32, new ByteArrayCodeReader(bytes, (int)(start - section.Address), (int)(section.Address + section.Size - start)), start);
                while (decoder.IP < end)
                {
                    ulong at = decoder.IP;
                    decoder.Decode(out Instruction instruction);
                    if (instruction.IsInvalid)
                    {
                        // One byte at a time: a longer step could skip the start of a good instruction.
                        instruction.IP = at;
                        decoder = Decoder.Create(
                            32, new ByteArrayCodeReader(bytes, (int)(at + 1 - section.Address), (int)(section.Address + section.Size - at - 1)), at + 1);
                    }
                    yield return new PlacedInstruction(section, symbol, instruction);
                }
            }
        }
    }

    /// <summary>The stretches between symbols, without what a symbol declares to be data.</summary>
    private static IEnumerable<(uint Start, uint End, string Symbol)> Regions(Elf32 kernel, ElfSection section, int index)
    {
        uint sectionEnd = section.Address + section.Size;
        // At one address the function's name is the best; names of local labels come last.
        var symbols = kernel.Symbols
            .Where(s => s.Section == index && s.Name.Length > 0 && s.Type <= FunctionSymbol && s.Address >= section.Address && s.Address < sectionEnd)
            .OrderBy(s => s.Address).ThenByDescending(s => s.Type == FunctionSymbol).ThenByDescending(s => s.Size).DistinctBy(s => s.Address).ToList();
        uint at = section.Address;
        string name = $"[{section.Name}]";
        foreach (ElfSymbol symbol in symbols)
        {
            if (symbol.Address > at)
                yield return (at, symbol.Address, name);
            bool isData = symbol.Type == ObjectSymbol && symbol.Size > 0;
            at = Math.Max(at, isData ? Math.Min(symbol.Address + symbol.Size, sectionEnd) : symbol.Address);
            name = symbol.Type == NoTypeSymbol && symbol.Name.StartsWith(".L", StringComparison.Ordinal) ? name : symbol.Name;
        }
        if (at < sectionEnd)
            yield return (at, sectionEnd, name);
    }
}
