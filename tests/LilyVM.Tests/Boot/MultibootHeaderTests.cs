using System.Buffers.Binary;
using LilyVM.Abi;
using LilyVM.Boot;

namespace LilyVM.Tests.Boot;

/// <summary>What a multiboot header asks for, and what is refused of it.</summary>
public class MultibootHeaderTests
{
    private const uint Magic = 0x1BAD_B002, Load = 0x10_0000;
    private const string Name = "kernel";

    [Theory]
    [InlineData(0u)]
    [InlineData(3u)] // modules at pages, memory information: always so
    [InlineData(0xFFFE_0003u)] // what a loader may ignore
    public void A_header_is_found_wherever_the_protocol_allows(uint flags)
    {
        foreach (int offset in (int[])[0, 4, 0x800])
            Assert.True(Image(At(offset, Header(flags))).IsMultiboot);
    }

    [Fact]
    public void It_is_no_header_off_its_place_or_too_late()
    {
        Assert.False(Image(At(2, Header(0))).IsMultiboot);
        Assert.False(Image(At(8192, Header(0))).IsMultiboot);
        Assert.False(Image([0xF4]).IsMultiboot);
    }

    [Theory]
    [InlineData(4u, "kernel asks for a video mode in its multiboot header, but a guest has no screen; clear bit 2 of the header's flags.")]
    [InlineData(8u, "kernel asks in its multiboot header for what no boot loader knows (flags 0x8); clear them.")]
    [InlineData(0x8003u, "kernel asks in its multiboot header for what no boot loader knows (flags 0x8000); clear them.")]
    public void What_cannot_be_had_is_an_error(uint flags, string sentence) => Assert.Equal(sentence, Refusal(Header(flags)));

    [Fact]
    public void A_wrong_checksum_is_an_error_unless_a_right_header_follows()
    {
        byte[] wrong = Header(0);
        wrong[8]++;
        Assert.StartsWith("kernel has a multiboot header at 0x", Refusal(wrong), StringComparison.Ordinal);
        Assert.Contains("whose checksum is wrong", Refusal(wrong), StringComparison.Ordinal);
        Assert.True(Image([.. wrong, .. Header(0)]).IsMultiboot);
    }

    [Fact]
    public void Addresses_in_the_header_stand_in_for_those_of_the_file()
    {
        // The header, eight bytes behind what is loaded first; 16 bytes of the file behind it, 100 zeros more.
        byte[] code = [.. new byte[8], .. Addresses(header: 0x20_0008, load: 0x20_0000, loadEnd: 0x20_0038, bssEnd: 0x20_009C,
            entry: 0x20_0030), .. new byte[16]];
        KernelImage image = Image(code);
        KernelPart part = Assert.Single(image.Parts);
        Assert.Equal((0x20_0000ul, 0x38, 0x9Cul), (part.Address, part.FileSize, part.MemorySize));
        Assert.Equal((0x20_0030ul, 0x20_009Cul), (image.PhysicalEntry(), image.End));
        Assert.Equal(code[..0x38], image.Bytes(part).ToArray());
    }

    [Theory]
    [InlineData(0x20_0000u, 0x20_0008u, 0u, 0u, 0x20_0008u)] // loaded behind its header
    [InlineData(0x20_0000u, 0x10_0000u, 0u, 0u, 0x10_0000u)] // more before the header than the file has
    [InlineData(0x20_0000u, 0x20_0000u, 0x1F_0000u, 0u, 0x20_0000u)] // ends before it begins
    [InlineData(0x20_0000u, 0x20_0000u, 0x30_0000u, 0u, 0x20_0000u)] // ends behind the file
    [InlineData(0x20_0000u, 0x20_0000u, 0x20_0020u, 0x20_0010u, 0x20_0000u)] // zeros end before the code
    [InlineData(0x20_0000u, 0x20_0000u, 0x20_0020u, 0x20_0020u, 0x20_0020u)] // starts behind it
    [InlineData(0x20_0000u, 0x20_0000u, 0x20_0020u, 0x20_0020u, 0u)]
    public void Addresses_that_make_no_sense_are_an_error(uint header, uint load, uint loadEnd, uint bssEnd, uint entry) =>
        Assert.StartsWith("The addresses in the multiboot header of kernel make no sense: ",
            Refusal(Addresses(header, load, loadEnd, bssEnd, entry)), StringComparison.Ordinal);

    private static string Refusal(byte[] code) => Assert.Throws<LilyVMException>(() => Image(code)).Message;

    // The code is the only section that is loaded; its place in the file is a multiple of four.
    private static KernelImage Image(byte[] code)
    {
        byte[] file = new ElfBuilder { Entry = Load }.Code(".text", Load, code).Conversion(VmArea.AbiVersion, 1).Build();
        return new KernelImage(Elf.Parse(file, Name));
    }

    private static byte[] At(int offset, byte[] header) => [.. new byte[offset], .. header];

    private static byte[] Header(uint flags) => Words(Magic, flags, unchecked(0 - Magic - flags));

    private static byte[] Addresses(uint header, uint load, uint loadEnd, uint bssEnd, uint entry) =>
        [.. Header(1 << 16), .. Words(header, load, loadEnd, bssEnd, entry)];

    private static byte[] Words(params uint[] words)
    {
        byte[] bytes = new byte[words.Length * 4];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), words[i]);
        return bytes;
    }
}
