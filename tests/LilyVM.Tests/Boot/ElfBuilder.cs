using System.Buffers.Binary;
using System.Text;
using LilyVM.Abi;

namespace LilyVM.Tests.Boot;

/// <summary>
/// Makes small executables: one LOAD segment per section with an address, plus symbols and conversion notes. Physical = virtual - 3 GiB
/// where that is above 0.
/// </summary>
internal sealed class ElfBuilder
{
    private const int HeaderSize = 52, ProgramHeaderSize = 32, SectionHeaderSize = 40, SymbolSize = 16;

    private readonly List<(string Name, uint Type, uint Flags, uint Address, byte[] Bytes)> _sections = [];
    private readonly List<(string Name, uint Address, uint Size, byte Type, int Section)> _symbols = [];

    internal uint Entry { get; set; } = 0x100_0000;

    internal bool WithSections { get; set; } = true;

    internal ElfBuilder Code(string name, uint address, params byte[] bytes) => Add(name, 1, 6, address, bytes);

    internal ElfBuilder Data(string name, uint address, params byte[] bytes) => Add(name, 1, 3, address, bytes);

    internal ElfBuilder Symbol(string name, uint address, uint size = 0, byte type = 2, int section = 1)
    {
        _symbols.Add((name, address, size, type, section));
        return this;
    }

    internal ElfBuilder Note(string owner, uint type, params byte[] descriptor)
    {
        byte[] name = Encoding.Latin1.GetBytes(owner + '\0');
        var note = new List<byte>();
        foreach (uint word in (uint[])[(uint)name.Length, (uint)descriptor.Length, type])
            note.AddRange(BitConverter.GetBytes(word));
        foreach (byte[] part in (byte[][])[name, descriptor])
        {
            note.AddRange(part);
            note.AddRange(new byte[-part.Length & 3]);
        }
        return Add(".notes", 7, 2, 0, [.. note]);
    }

    internal ElfBuilder Conversion(uint abiVersion, uint rewritten, params InlineSite[] sites)
    {
        var descriptor = new List<byte>([.. BitConverter.GetBytes(abiVersion), .. BitConverter.GetBytes(rewritten)]);
        foreach (InlineSite site in sites)
            descriptor.AddRange([.. BitConverter.GetBytes(site.Address), site.Length, site.OriginalLength, site.Original0, site.Original1]);
        return Note(ConversionNote.Owner, ConversionNote.Type, [.. descriptor]);
    }

    internal byte[] Build()
    {
        var sections = new List<(string Name, uint Type, uint Flags, uint Address, byte[] Bytes)>(_sections);
        var symbolNames = new List<byte> { 0 };
        byte[] symbols = [.. new byte[SymbolSize], .. _symbols.SelectMany(s => EncodeSymbol(s, symbolNames))];
        sections.Add((".symtab", 2, 0, 0, symbols));
        sections.Add((".strtab", 3, 0, 0, [.. symbolNames]));
        uint symbolNameSection = (uint)sections.Count; // indices count from 1: section 0 is the null section
        var sectionNames = new List<byte> { 0 };
        int[] nameOffsets = [.. sections.Select(s => AddName(sectionNames, s.Name)), AddName(sectionNames, ".shstrtab")];
        sections.Add((".shstrtab", 3, 0, 0, [.. sectionNames]));

        var loaded = sections.Where(s => s.Address != 0 || s.Type == 7).ToList();
        int at = HeaderSize + loaded.Count * ProgramHeaderSize;
        var offsets = sections.Select(s => { int start = at; at += s.Bytes.Length + (-s.Bytes.Length & 3); return start; }).ToList();
        byte[] file = new byte[at + (WithSections ? (sections.Count + 1) * SectionHeaderSize : 0)];
        void Words(int offset, params uint[] words)
        {
            for (int i = 0; i < words.Length; i++)
                BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(offset + i * 4), words[i]);
        }

        "\x7f"u8.CopyTo(file);
        "ELF\x1\x1\x1"u8.CopyTo(file.AsSpan(1));
        Words(16, 2 | 3 << 16, 1, Entry, HeaderSize, WithSections ? (uint)at : 0, 0);
        Words(40, HeaderSize | ProgramHeaderSize << 16, (uint)loaded.Count | SectionHeaderSize << 16);
        if (WithSections)
            Words(48, (uint)(sections.Count + 1) | (uint)sections.Count << 16); // the last section holds the names
        for (int i = 0; i < sections.Count; i++)
        {
            (string _, uint type, uint flags, uint address, byte[] bytes) = sections[i];
            bytes.CopyTo(file, offsets[i]);
            int segment = loaded.IndexOf(sections[i]);
            uint size = (uint)bytes.Length;
            if (segment >= 0)
            {
                uint physical = address >= 0xC000_0000 ? address - 0xC000_0000 : address;
                Words(HeaderSize + segment * ProgramHeaderSize, type == 7 ? 4u : 1, (uint)offsets[i], address, physical, size, size, 7, 4);
            }
            if (WithSections)
            {
                uint link = type == 2 ? symbolNameSection : 0;
                Words(at + (i + 1) * SectionHeaderSize, (uint)nameOffsets[i], type, flags, address, (uint)offsets[i], size, link, 0, 4,
                    type == 2 ? 16u : 0);
            }
        }
        return file;
    }

    private static byte[] EncodeSymbol((string Name, uint Address, uint Size, byte Type, int Section) symbol, List<byte> names)
    {
        byte[] bytes = new byte[SymbolSize];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, AddName(names, symbol.Name));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), symbol.Address);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), symbol.Size);
        bytes[12] = symbol.Type;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(14), (ushort)symbol.Section);
        return bytes;
    }

    private static int AddName(List<byte> table, string name)
    {
        int offset = table.Count;
        table.AddRange(Encoding.Latin1.GetBytes(name + '\0'));
        return offset;
    }

    private ElfBuilder Add(string name, uint type, uint flags, uint address, byte[] bytes)
    {
        _sections.Add((name, type, flags, address, bytes));
        return this;
    }
}
