using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using LilyVM.Boot;
using LilyVM.Tests.Boot;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Machine;

/// <summary>What lies in guest RAM before the first instruction, and what is refused.</summary>
public sealed class LoadingTests : MachineFixtureTest
{
    [Fact]
    public void Linux_gets_its_zero_page_command_line_and_RAM_disks()
    {
        MachineOptions options = Fixture.Options(_ => []) with
        {
            Initrd = Fixture.Write("initrd", "first"u8.ToArray()),
            InitrdSupplement = "second"u8.ToArray(),
            CommandLine = "quiet",
            Drives = [new DriveOptions(Fixture.Write("disk", new byte[512]))],
        };
        using var machine = new VirtualMachine(options);
        ScriptedEngine engine = Fixture.Engine;
        uint zeroPage = (uint)engine.Start.Si;
        Assert.Equal(((ulong)MachineFixture.Entry, 0ul, 0ul), (engine.Start.Ip, engine.Start.Ax, engine.Start.Bx));
        Assert.InRange(engine.Start.Sp, 0x1000ul, zeroPage);
        Assert.Equal([0x90, 0xF4], Ram(MachineFixture.Entry, 2));

        string line = Encoding.ASCII.GetString(Ram(Word(zeroPage + 0x228), 400)).Split('\0')[0];
        Assert.Matches("^console=ttyS0,115200n8r reservetop=8M reboot=panic_warm,t panic=-1 tsc=reliable 8250.nr_uarts=2 " +
            "tsc_early_khz=[0-9]{6,7} "
            + Regex.Escape("virtio_mmio.device=4K@0xd0000000:5 virtio_mmio.device=4K@0xd0001000:6 quiet") + "$", line);
        uint ramdisk = Word(zeroPage + 0x218), size = Word(zeroPage + 0x21C);
        Assert.Equal("first\0\0\0second\0\0", Encoding.ASCII.GetString(Ram(ramdisk, (int)size)));
        Assert.Equal(0u, ramdisk % 4096);
        Assert.Equal(3, Ram(zeroPage + 0x1E8, 1)[0]);
        Assert.Equal((0x10_0000u, (64u << 20) - 0x10_0000), (Word(zeroPage + 0x2F8), Word(zeroPage + 0x300))); // the third memory range
        Assert.NotEmpty(engine.Start.Cpuid);
    }

    [Fact]
    // others would hand it on to init as something unknown
    public void Only_IA_32_kernels_are_told_to_leave_the_top_of_their_addresses_alone()
    {
        Assert.StartsWith("console=ttyS0,115200n8r reservetop=8M reboot=",
            LinuxOptions.CommandLine(GuestArchitecture.Ia32, 1_000_000, 0, "", ""), StringComparison.Ordinal);
        Assert.StartsWith("console=ttyS0,115200n8r reboot=", LinuxOptions.CommandLine(GuestArchitecture.X64, 1_000_000, 0, "", ""),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1L << 20, "1 MiB of memory are too small for any guest; give it at least 16M.")]
    [InlineData(4L << 30, "4096 MiB of memory are more than an IA-32 guest can have; give it at most 3072M.")]
    [InlineData((64L << 20) + 1, "Guest memory comes in pages of 4 KiB, of which 67108865 bytes are no multiple.")]
    [InlineData(20L << 20, "20 MiB of memory are too small for {kernel}; give the guest at least 33M.")]
    public void A_wrong_memory_size_is_named(long bytes, string sentence) =>
        Assert.Equal(sentence.Replace("{kernel}", Fixture["kernel"], StringComparison.Ordinal),
            Refusal(o => o with { MemoryBytes = bytes }));

    [Fact]
    public void An_x86_64_kernel_starts_in_64_bit_mode_with_4_GiB_mapped_where_they_are()
    {
        string kernel = Fixture.Write("wide", ToolElf.Link64(Gas.ConvertWhole(".globl _start\n_start: hlt\n", bits: 64)));
        using var machine = new VirtualMachine(Fixture.Options(_ => []) with { Kernel = kernel, MemoryBytes = 1100L << 20 });
        uint root = (uint)Fixture.Engine.Start.PageTables;
        Assert.Equal((root + 0x1000 | 3, root + 0x2000 | 3), (Word(root), Word(root + 0x1000)));
        Assert.Equal((0x83u, 0x20_0083u, 0xFFE0_0083u), (Word(root + 0x2000), Word(root + 0x2008), Word(root + 0x5FF8)));
        Assert.Equal((0x10u, 0x18u), Fixture.Engine.Start.Selectors);
    }

    [Fact]
    public void A_guest_larger_than_its_host_is_refused()
    {
        Assert.Equal(1ul << 30, MachineChecks.Ram(1 << 30, null, hostBytes: null));
        Assert.Equal(1ul << 30, MachineChecks.Ram(1 << 30, null, hostBytes: 1 << 30));
        Assert.Equal(
            "1024 MiB of memory are more than this host's 512 MiB; give the guest less.",
            Assert.Throws<LilyVMException>(() => MachineChecks.Ram(1 << 30, null, hostBytes: 512 << 20)).Message);
    }

    [Fact]
    public void Kernels_and_RAM_disks_that_cannot_be_loaded_are_named()
    {
        string Kernel(byte[] bytes) => Refusal(o => o with { Kernel = Fixture.Write("bad", bytes) });
        string bad = Fixture["bad"];
        Assert.Equal("Cannot read /none: there is no such file.", Refusal(o => o with { Kernel = "/none" }));
        Assert.StartsWith($"{bad} is not an ELF file", Kernel("#!/bin/sh"u8.ToArray()), StringComparison.Ordinal);
        Assert.StartsWith($"{bad} was not converted", Kernel(new ElfBuilder().Code(".text", 0xC100_0000, 0xF4).Build()),
            StringComparison.Ordinal);
        Assert.StartsWith($"{bad} was converted for ABI version 9",
            Kernel(new ElfBuilder().Code(".text", 0xC100_0000, 0xF4).Conversion(9, 1).Build()), StringComparison.Ordinal);
        Assert.StartsWith($"{bad} wants physical memory below 1 MiB",
            Kernel(new ElfBuilder().Code(".text", 0x8_0000, 0xF4).Conversion(1, 1).Build()), StringComparison.Ordinal);
        Assert.StartsWith($"{bad} has nothing to load", Kernel(new ElfBuilder().Conversion(1, 1).Build()), StringComparison.Ordinal);
        var elsewhere = new ElfBuilder { Entry = 0x1234_5678 }.Code(".text", 0xC100_0000, 0xF4).Conversion(1, 1);
        Assert.StartsWith($"{bad} starts at 0x12345678, where it loads nothing", Kernel(elsewhere.Build()), StringComparison.Ordinal);

        Assert.Equal("Cannot read the RAM disk /none: there is no such file.", Refusal(o => o with { Initrd = "/none" }));
        string large = Fixture.Write("large", new byte[50 << 20]);
        Assert.StartsWith($"The RAM disk {large} (50 MiB) does not fit", Refusal(o => o with { Initrd = large }), StringComparison.Ordinal);
        Assert.True(Fixture.Engine.IsDisposed);
    }

    private string Refusal(Func<MachineOptions, MachineOptions> change) =>
        Assert.Throws<LilyVMException>(() => new VirtualMachine(change(Fixture.Options(_ => [])))).Message;

    private byte[] Ram(uint address, int length)
    {
        Assert.True(Fixture.Engine.Ram.TryGetSpan(address, (ulong)length, out Span<byte> bytes));
        return bytes.ToArray();
    }

    private uint Word(uint address) => BinaryPrimitives.ReadUInt32LittleEndian(Ram(address, 4));
}
