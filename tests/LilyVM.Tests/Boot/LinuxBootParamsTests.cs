using System.Buffers.Binary;
using LilyVM.Boot;

namespace LilyVM.Tests.Boot;

public class LinuxBootParamsTests
{
    [Fact]
    public void Fields_lie_where_the_boot_protocol_says()
    {
        byte[] page = new LinuxBootParams
        {
            Memory = [new(0, 0x9_FC00, E820Type.Usable), new(0x10_0000, 0x1234_5000, E820Type.Reserved)],
            CommandLineAddress = 0x2_0000,
            RamdiskAddress = 0x300_0000,
            RamdiskBytes = 777,
        }.Encode();
        uint Word(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(offset));

        // Documentation/x86/boot.rst, "The Real-Mode Kernel Header", and zero-page.rst.
        Assert.Equal(4096, page.Length);
        Assert.Equal(0x5372_6448u, Word(0x202)); // HdrS
        Assert.Equal(0xFF, page[0x210]);
        Assert.Equal((0x300_0000u, 777u, 0x2_0000u), (Word(0x218), Word(0x21C), Word(0x228)));
        Assert.Equal(2, page[0x1E8]);
        Assert.Equal([0u, 0u, 0x9_FC00u, 0u, 1u], Enumerable.Range(0, 5).Select(i => Word(0x2D0 + i * 4)));
        Assert.Equal([0x10_0000u, 0u, 0x1234_5000u, 0u, 2u], Enumerable.Range(0, 5).Select(i => Word(0x2E4 + i * 4)));
        Assert.All(page[..0x40], b => Assert.Equal(0, b)); // screen_info
        Assert.Equal(0, page[0x1EF]); // sentinel: not zero would make Linux clear the page
    }

    [Fact]
    public void The_largest_memory_map_fits_and_one_more_entry_is_refused()
    {
        LinuxBootParams With(int count) =>
            new() { Memory = [.. Enumerable.Repeat(new E820Entry(1, 2, E820Type.Usable), count)], CommandLineAddress = 0 };
        Assert.Equal(128, With(128).Encode()[0x1E8]);
        Assert.Throws<LilyVMException>(() => With(129).Encode());
    }

    [Fact]
    public void Command_lines_that_Linux_would_cut_or_misread_are_refused()
    {
        Assert.Equal("a=b\0"u8.ToArray(), LinuxBootParams.EncodeCommandLine("a=b"));
        Assert.Equal(2048, LinuxBootParams.EncodeCommandLine(new string('x', 2047)).Length);
        Assert.Throws<LilyVMException>(() => LinuxBootParams.EncodeCommandLine(new string('x', 2048)));
        Assert.Throws<LilyVMException>(() => LinuxBootParams.EncodeCommandLine("ä"));
        Assert.Throws<LilyVMException>(() => LinuxBootParams.EncodeCommandLine("a\nb"));
    }
}
