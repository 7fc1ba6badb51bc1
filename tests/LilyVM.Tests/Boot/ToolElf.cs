using LilyVM.Tests.Support;

namespace LilyVM.Tests.Boot;

/// <summary>Executables made by the real binutils.</summary>
internal static class ToolElf
{
    /// <summary>Assembles and links AT&amp;T text for i386, text at 0xC1000000.</summary>
    /// <param name="assembly">The text.</param>
    /// <param name="objcopy">Options of objcopy to send the result through, or none.</param>
    internal static byte[] Link(string assembly, params string[] objcopy) =>
        Link(assembly, ["--32"], ["-m", "elf_i386", "-Ttext=0xC1000000"], objcopy);

    /// <summary>The same for x86-64, text at 0x41000000, where calls reach the VM area.</summary>
    internal static byte[] Link64(string assembly, params string[] objcopy) =>
        Link(assembly, ["--64"], ["-m", "elf_x86_64", "-Ttext=0x41000000"], objcopy);

    /// <summary>The same with text at any address.</summary>
    internal static byte[] Link64At(ulong text, string assembly) =>
        Link(assembly, ["--64"], ["-m", "elf_x86_64", $"-Ttext=0x{text:x}"], []);

    private static byte[] Link(string assembly, string[] ofAssembler, string[] ofLinker, string[] objcopy)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("lilyvm-test-");
        try
        {
            string source = Path.Combine(directory.FullName, "a.s"), output = Path.Combine(directory.FullName, "a.o"),
                linked = Path.Combine(directory.FullName, "a");
            File.WriteAllText(source, assembly);
            Run("as", [.. ofAssembler, "-o", output, source]);
            Run("ld", [.. ofLinker, "-o", linked, output]);
            if (objcopy.Length > 0)
                Run("objcopy", [.. objcopy, linked]);
            return File.ReadAllBytes(linked);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        Command.Result result = Command.Run(program, arguments);
        Assert.True(result.Status == 0, result.Error);
    }
}
