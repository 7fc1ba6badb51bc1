using System.Buffers.Binary;
using System.Globalization;
using LilyVM.Abi;
using LilyVM.Boot;
using LilyVM.Native;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Support;
using X64 = LilyVM.Abi.X64;

[assembly: AssemblyFixture(typeof(X64GuestBuild))]

namespace LilyVM.Tests.Guests;

/// <summary>
/// The small guests of guests/tests/x64, built once for all tests: with plain <c>as</c>, and converted and prepared for the native image.
/// </summary>
public sealed class X64GuestBuild : IDisposable
{
    private const int Elf32Entry = 24; // e_entry in an ELF-32 header

    private readonly Lazy<string> folder = new(BuildAll);

    /// <summary>All guests, by name.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.GetFiles(Sources, "*.S").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];

    /// <summary>Memory that a guest wants, in MiB.</summary>
    public static int Megabytes(string guest) => Path.GetFileName(guest).StartsWith("high_memory", StringComparison.Ordinal) ? 5 << 10 : 64;

    /// <summary>The native image.</summary>
    public string Library => Path.Combine(folder.Value, "native.bin");

    private static string Sources => Path.Combine(Repository.Root, "guests", "tests", "x64");

    /// <summary>The guest as plain <c>as</c> made it.</summary>
    public string Plain(string name) => Path.Combine(folder.Value, "plain", name + ".boot");

    /// <summary>The converted guest with its inline sites undone.</summary>
    public string Converted(string name) => Path.Combine(folder.Value, "converted", name + ".native.boot");

    /// <summary>The converted guest as the linker made it.</summary>
    public string Linked(string name) => Path.Combine(folder.Value, "converted", name + ".elf");

    public void Dispose()
    {
        if (folder.IsValueCreated)
            Directory.Delete(folder.Value, recursive: true);
    }

    private static string BuildAll()
    {
        string folder = Directory.CreateTempSubdirectory("lilyvm-guests-x64").FullName;
        Run("sh", [Path.Combine(Sources, "..", "build.sh"), "x64", "plain"], folder);
        Run("sh", [Path.Combine(Sources, "..", "build.sh"), "x64", "converted", Path.GetDirectoryName(Repository.LilyAs)!], folder);
        foreach (string name in Names)
        {
            string guest = Path.Combine(folder, "converted", name);
            File.WriteAllBytes(guest + ".native.elf", NativeKernel.UndoInlineSites(File.ReadAllBytes(guest + ".elf"), guest));
            uint start = BinaryPrimitives.ReadUInt32LittleEndian(File.ReadAllBytes(guest + ".boot").AsSpan(Elf32Entry));
            string setStart = string.Create(CultureInfo.InvariantCulture, $"--set-start=0x{start:x}");
            Run("objcopy", ["-I", "elf64-x86-64", "-O", "elf32-i386", setStart, guest + ".native.elf", guest + ".native.boot"], folder);
        }
        File.WriteAllBytes(Path.Combine(folder, "native.bin"), NativeImage.LoadX64());
        return folder;
    }

    private static void Run(string program, string[] arguments, string folder)
    {
        Command.Result result = Command.Run(program, arguments, directory: folder);
        Assert.True(result.Status == 0, result.Output + result.Error);
    }
}

/// <summary>
/// QEMU is the oracle: each x86-64 guest prints the same when its sensitive instructions are calls into the native image as when the CPU
/// executes them.
/// </summary>
public sealed class X64GuestTests(X64GuestBuild build)
{
    private const int TimeLimitSeconds = 20;

    public static TheoryData<string> Guests => new(X64GuestBuild.Names);

    [Theory]
    [MemberData(nameof(Guests))]
    public void A_converted_guest_prints_what_the_original_prints(string guest)
    {
        Command.Result original = Boot(build.Plain(guest)), converted = Boot(build.Converted(guest), build.Library);
        RequireSuccess(original);
        Assert.Equal(original.Output, converted.Output);
        RequireSuccess(converted);
    }

    [Fact]
    public void A_converted_guest_needs_the_library() => Assert.Empty(Boot(build.Converted("cpuid")).Output);

    [Fact]
    public void The_image_implements_every_entry()
    {
        byte[] image = NativeImage.LoadX64();
        Assert.Equal((uint)X64.LibraryEntries.Table.All.Count, BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(12)));
        foreach (LibraryEntry entry in X64.LibraryEntries.Table.All)
        {
            Assert.Equal(0xE9, image[entry.Address - X64.VmArea.Base]);
            int pointer = (int)(X64.VmArea.Pointers - X64.VmArea.Base) + 8 * entry.Index;
            Assert.Equal(entry.Address, BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(pointer)));
        }
    }

    [Fact]
    public void Another_version_and_a_damaged_site_are_refused()
    {
        byte[] kernel = File.ReadAllBytes(build.Linked("swapgs"));
        int note = kernel.AsSpan().IndexOf("LilyVM\0"u8) + 8;
        byte[] other = [.. kernel];
        other[note] = 9;
        Assert.Contains("ABI version 1 and 9", Assert.Throws<LilyVMException>(() => NativeKernel.UndoInlineSites(other, "k")).Message,
            StringComparison.Ordinal);
        byte[] damaged = [.. kernel];
        byte[] address = BitConverter.GetBytes(ConversionNotes.Read(Elf.Parse(kernel, "k")).InlineSites[0].Address);
        damaged[note + damaged.AsSpan(note).IndexOf(address) + 7] = 0x77;
        Assert.Contains("lies outside the kernel", Assert.Throws<LilyVMException>(() => NativeKernel.UndoInlineSites(damaged, "k")).Message,
            StringComparison.Ordinal);
        Assert.Contains("was not converted",
            Assert.Throws<LilyVMException>(
                () => NativeKernel.UndoInlineSites(File.ReadAllBytes(build.Plain("swapgs")[..^5] + ".elf"), "k")).Message,
                    StringComparison.Ordinal);
    }

    internal static Command.Result Boot(string guest, string? library = null)
    {
        string address = X64.VmArea.Base.ToString("x", CultureInfo.InvariantCulture);
        int memory = Math.Max(X64GuestBuild.Megabytes(guest), 2048); // the library is at the end of the first 2 GiB
        string[] load = library is null ? [] : ["-device", $"loader,file={library},addr=0x{address},force-raw=on"];
        return Command.Run(
            "timeout",
            [
                "-k", "1", TimeLimitSeconds.ToString(CultureInfo.InvariantCulture), "qemu-system-x86_64", "-M", "pc", "-accel", "tcg",
                    "-cpu", NativeTarget.X64.Cpu("host"), "-m", memory.ToString(CultureInfo.InvariantCulture),
                "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
                    "-kernel", guest, .. load,
            ]);
    }

    private static void RequireSuccess(Command.Result result)
    {
        Assert.True(result.Status == GuestMachine.Success, $"QEMU ended with status {result.Status}:\n{result.Output}{result.Error}");
        Assert.EndsWith("\nOK\n", result.Output.Replace("\r", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("UNEXPECTED", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("CHANGED", result.Output, StringComparison.Ordinal);
    }
}
