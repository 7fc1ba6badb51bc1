using System.IO.Compression;
using LilyVM.Boot;
using LilyVM.Cli.Guests;

namespace LilyVM.Tests.Boot;

public class RamDiskInitTests
{
    private static readonly byte[] Program32 = [.. "\x7f"u8, .. "ELF\x1"u8], Program64 = [.. "\x7f"u8, .. "ELF\x2"u8];

    [Fact]
    public void A_program_of_the_other_width_is_refused()
    {
        byte[] narrow = CpioArchive.Make(a => a.AddFile("init", Program32, executable: true)),
            wide = CpioArchive.Make(a => a.AddFile("init", Program64, executable: true));
        Assert.Equal(
            "The RAM disk r begins with a 32-bit program (/init), which an x86-64 kernel cannot run; use one with 64-bit programs.",
            Refusal(narrow, GuestArchitecture.X64));
        Assert.Equal(
            "The RAM disk r begins with a 64-bit program (/init), which an IA-32 kernel cannot run; use one with 32-bit programs.",
            Refusal(wide, GuestArchitecture.Ia32));
        Assert.Null(Refusal(narrow, GuestArchitecture.Ia32));
        Assert.Null(Refusal(wide, GuestArchitecture.X64));
    }

    [Fact]
    public void The_interpreter_of_a_script_counts_behind_links_in_a_second_archive_and_compressed()
    {
        byte[] archive =
        [
            .. CpioArchive.Make(a => a.AddFile("init", "#! /bin/sh -e\necho\n"u8, executable: true)), .. new byte[8],
            .. CpioArchive.Make(a =>
            {
                a.AddFolder("bin");
                a.AddLink("bin/sh", "../bin/busybox");
                a.AddFile("bin/busybox", Program32, executable: true);
            }),
        ];
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(archive);
        foreach (byte[] ramdisk in (byte[][])[archive, packed.ToArray()])
            Assert.Contains("32-bit program (/bin/sh)", Refusal(ramdisk, GuestArchitecture.X64), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_judged_passes()
    {
        byte[] loop = CpioArchive.Make(a => a.AddLink("init", "init")),
            script = CpioArchive.Make(a => a.AddFile("init", "#!/init"u8, executable: true));
        byte[] cutOff = CpioArchive.Make(a => a.AddFile("init", Program32, executable: true))[..112];
        foreach (byte[] ramdisk in (byte[][])[[], "ram disk"u8.ToArray(), [0x1F, 0x8B, 1], loop, script, cutOff,
            CpioArchive.Make(_ => { })])
            Assert.Null(Refusal(ramdisk, GuestArchitecture.X64));
    }

    private static string? Refusal(byte[] ramdisk, GuestArchitecture architecture)
    {
        try
        {
            RamDiskInit.Require(ramdisk, architecture, "r");
            return null;
        }
        catch (LilyVMException e)
        {
            return e.Message;
        }
    }
}
