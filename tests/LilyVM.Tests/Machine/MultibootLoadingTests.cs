using System.Buffers.Binary;
using System.Text;

namespace LilyVM.Tests.Machine;

/// <summary>What a multiboot kernel finds in RAM, and what it is refused.</summary>
public sealed class MultibootLoadingTests : MachineFixtureTest
{
    private const uint Memory = 64 << 20;
    [Fact]
    public void It_gets_the_magic_its_memory_and_the_name_of_the_loader_and_only_its_own_options()
    {
        using VirtualMachine machine = Make(o => o with { CommandLine = "a b" });
        // A virtual entry point is entered where it is loaded.
        Assert.Equal((0x10_000Cul, 0x2BADB002ul), (Fixture.Engine.Start.Ip, Fixture.Engine.Start.Ax));
        uint info = (uint)Fixture.Engine.Start.Bx;
        Assert.Equal((0x24Du, 639u, 63u << 10), (Word(info), Word(info + 4), Word(info + 8)));
        Assert.Equal($"{Fixture["multiboot"]} a b", Text(Word(info + 16)));
        Assert.Equal("LilyVM", Text(Word(info + 64)));
        Assert.Equal(0u, Word(info + 20));
        (uint map, uint length) = (Word(info + 48), Word(info + 44));
        Assert.Equal(72u, length);
        (uint, uint, uint, uint)[] entries =
            [.. Enumerable.Range(0, 3).Select(i => map + 24 * (uint)i).Select(e => (Word(e), Word(e + 4), Word(e + 12), Word(e + 20)))];
        Assert.Equal([(20u, 0u, 0x9_FC00u, 1u), (20, 0x9_FC00, 0x400, 2), (20, 0x10_0000, Memory - 0x10_0000, 1)], entries);
    }

    [Fact]
    public void It_gets_its_modules_at_pages_behind_it_those_of_QEMU_s_option_first()
    {
        string comma = Fixture.Write("with,comma", "one"u8.ToArray()), plain = Fixture.Write("plain", "second"u8.ToArray());
        string last = Fixture.Write("with blank", new byte[5000]);
        using VirtualMachine machine = Make(o => o with
        {
            Initrd = $"{comma.Replace(",", ",,", StringComparison.Ordinal)} first=1 x,{plain}",
            Modules = [new ModuleOptions(last, "third")],
        });
        uint info = (uint)Fixture.Engine.Start.Bx, table = Word(info + 24);
        Assert.Equal(3u, Word(info + 20));
        Assert.Equal([$"{comma} first=1 x", plain, $"{last} third"],
            Enumerable.Range(0, 3).Select(i => Text(Word(table + 16 * (uint)i + 8))));
        Assert.Equal([(0x10_1000u, 3u), (0x10_2000, 6), (0x10_3000, 5000)],
            Enumerable.Range(0, 3).Select(i => table + 16 * (uint)i).Select(e => (Word(e), Word(e + 4) - Word(e))));
        Assert.Equal("one", Encoding.ASCII.GetString(Ram(0x10_1000, 3)));
        Assert.Equal("second", Encoding.ASCII.GetString(Ram(0x10_2000, 6)));
    }

    [Fact]
    public void What_cannot_be_had_is_named_before_anything_is_made()
    {
        Assert.Equal("Cannot read the module /none: there is no such file.",
            Refusal(o => o with { Modules = [new ModuleOptions("/none")] }));
        Assert.Equal("Cannot read the module /none: there is no such file.", Refusal(o => o with { Initrd = "/none a" }));
        Assert.Equal("Cannot read the module /: it is a directory.", Refusal(o => o with { Modules = [new ModuleOptions("/")] }));
        Assert.Equal("'' names no module; give a file and then its arguments.", Refusal(o => o with { Initrd = "/bin/true," }));
        string large = Fixture.Write("large", []);
        using (FileStream file = File.OpenWrite(large))
            file.SetLength(3L << 30);
        Assert.Equal(
            $"The module {large} (3072 MiB) does not fit into memory behind the kernel; give the guest more memory.",
            Refusal(o => o with { Modules = [new ModuleOptions(large)] }));
        Assert.Null(Fixture.Engine); // no engine was ever asked for

        Assert.StartsWith(
            "The command line and the modules' names and arguments have ", Refusal(o => o with { CommandLine = new string('x', 60_000) }),
            StringComparison.Ordinal);
        Assert.EndsWith(
            "has no RAM disk to put a script into; leave out the script.", Refusal(o => o with { InitrdSupplement = "script"u8.ToArray() }),
            StringComparison.Ordinal);
        MachineOptions linux = Fixture.Options(_ => []) with { Modules = [new ModuleOptions("/bin/true")] };
        Assert.EndsWith(
            " has no multiboot header, so it takes no modules; give it a RAM disk instead.",
            Assert.Throws<LilyVMException>(() => new VirtualMachine(linux)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_finds_what_a_BIOS_leaves(bool second)
    {
        using VirtualMachine machine = Make(o => second ? o with { SecondConsole = new MachineConsole(Stream.Null) } : o);
        Assert.Equal((0x3F8, second ? 0x2F8 : 0), (Half(0x400), Half(0x402)));
        Assert.Equal((0x9FC0, 639, 0), (Half(0x40E), Half(0x413), Half(0x472)));
        Assert.Equal((second ? 2 : 1, 1), (Half(0x410) >> 9 & 7, Ram(0x9_FC00, 1)[0]));
    }

    private VirtualMachine Make(Func<MachineOptions, MachineOptions> change) => new(change(Options()));

    private string Refusal(Func<MachineOptions, MachineOptions> change) => Assert.Throws<LilyVMException>(() => Make(change)).Message;

    private MachineOptions Options() => Fixture.Options(_ => []) with { Kernel = Fixture.WriteMultiboot() };

    private byte[] Ram(uint address, int length)
    {
        Assert.True(Fixture.Engine.Ram.TryGetSpan(address, (ulong)length, out Span<byte> bytes));
        return bytes.ToArray();
    }

    private uint Word(uint address) => BinaryPrimitives.ReadUInt32LittleEndian(Ram(address, 4));

    private int Half(uint address) => BinaryPrimitives.ReadUInt16LittleEndian(Ram(address, 2));

    private string Text(uint address) => Encoding.ASCII.GetString(Ram(address, 300)).Split('\0')[0];
}
