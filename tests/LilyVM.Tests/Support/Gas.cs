using System.Text;
using Iced.Intel;
using LilyVM.Assembler;

namespace LilyVM.Tests.Support;

/// <summary>Converts, assembles and disassembles small pieces of text.</summary>
internal static class Gas
{
    /// <summary>Converts and expects success; returns the lines without line marker and epilogue.</summary>
    public static string Convert(string text, int bits = 32)
    {
        ConversionResult result = Converter.Convert(text, "test.s", new ConversionOptions { Bits = bits });
        Assert.Empty(result.Errors);
        string converted = result.Text[(result.Text.IndexOf("# 1 \"test.s\"\n", StringComparison.Ordinal) + "# 1 \"test.s\"\n".Length)..];
        int epilogue = converted.IndexOf("\n.set lily_", StringComparison.Ordinal);
        int note = converted.IndexOf("\n.pushsection .note.lilyvm,0", StringComparison.Ordinal);
        int end = epilogue >= 0 ? epilogue : note;
        return end < 0 ? converted : converted[..(end + 1)];
    }

    /// <summary>Converts and expects one error; returns it.</summary>
    public static string Error(string text, ConversionOptions? options = null) =>
        Assert.Single(Converter.Convert(text, "test.s", options ?? new ConversionOptions()).Errors).ToString();

    /// <summary>The whole converted text, as the assembler gets it.</summary>
    public static string ConvertWhole(string text, int bits = 32)
    {
        ConversionResult result = Converter.Convert(text, "test.s", new ConversionOptions { Bits = bits });
        Assert.Empty(result.Errors);
        return result.Text;
    }

    /// <summary>Assembles with GNU as; returns .text, linked at 1 MiB.</summary>
    public static byte[] Assemble(string text, int bits = 32) => Section(".text", text, bits);

    /// <summary>Assembles with GNU as; returns a section, with .text linked at 1 MiB.</summary>
    public static byte[] Section(string name, string text, int bits = 32)
    {
        string directory = Directory.CreateTempSubdirectory("lilyvm-gas").FullName;
        try
        {
            string source = Path.Combine(directory, "t.s"), linked = Path.Combine(directory, "t.bin");
            File.WriteAllText(source, text, Encoding.Latin1);
            Check(Command.Run("as", [bits == 64 ? "--64" : "--32", "-o", source + ".o", source]), text);
            Check(Command.Run("ld", ["-m", bits == 64 ? "elf_x86_64" : "elf_i386", "-Ttext=0x100000", "-e", "0", "-o", source + ".elf",
                source + ".o"]), text);
            Check(Command.Run("objcopy", ["-O", "binary", "-j", name, .. name == ".text"
                ? (string[])[]
                : ["--set-section-flags", name + "=alloc"], source + ".elf", linked]), text);
            return File.ReadAllBytes(linked);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Disassembles code that was linked at 1 MiB.</summary>
    public static List<Instruction> Disassemble(byte[] code, int bits = 32)
    {
        var decoder = Iced.Intel.Decoder.Create(bits, code, 0x100000);
        var instructions = new List<Instruction>();
        while (decoder.IP < 0x100000 + (ulong)code.Length)
            instructions.Add(decoder.Decode());
        return instructions;
    }

    private static void Check(Command.Result result, string text) => Assert.True(result.Status == 0, $"{result.Error}\n{text}");
}
