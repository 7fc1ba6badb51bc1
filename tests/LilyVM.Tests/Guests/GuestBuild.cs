using LilyVM.Native;
using LilyVM.Tests.Guests;
using LilyVM.Tests.Support;

[assembly: AssemblyFixture(typeof(GuestBuild))]

namespace LilyVM.Tests.Guests;

/// <summary>
/// The small guests of guests/tests/ia32, built once for all tests: with plain <c>as</c>, and with the assembler preprocessor and then
/// prepared for the native image of the VM library.
/// </summary>
public sealed class GuestBuild : IDisposable
{
    private readonly Lazy<string> folder = new(BuildAll);

    /// <summary>All guests that QEMU is the oracle of, by name; those in the folder alone are named by their tests.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.GetFiles(Sources, "*.S").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];

    /// <summary>The native image.</summary>
    public string Library => Path.Combine(Folder, "native.bin");

    private static string Sources => Path.Combine(Repository.Root, "guests", "tests", "ia32");

    private string Folder => folder.Value;

    /// <summary>The guest as plain <c>as</c> made it.</summary>
    public string Plain(string name) => Path.Combine(Folder, "plain", name + ".elf");

    /// <summary>The converted guest, which any engine runs.</summary>
    public string ForEngine(string name) => Path.Combine(Folder, "converted", name + ".elf");

    /// <summary>The converted guest with its inline sites undone.</summary>
    public string Converted(string name) => Path.Combine(Folder, "converted", name + ".native.elf");

    public void Dispose()
    {
        if (folder.IsValueCreated)
            Directory.Delete(Folder, recursive: true);
    }

    private static string BuildAll()
    {
        string folder = Directory.CreateTempSubdirectory("lilyvm-guests").FullName;
        Build(folder, "plain");
        Build(folder, "converted", Path.GetDirectoryName(Repository.LilyAs)!);
        foreach (string name in Names)
        {
            string converted = Path.Combine(folder, "converted", name);
            File.WriteAllBytes(converted + ".native.elf", NativeKernel.UndoInlineSites(File.ReadAllBytes(converted + ".elf"), converted));
        }
        File.WriteAllBytes(Path.Combine(folder, "native.bin"), NativeImage.Load());
        return folder;
    }

    private static void Build(string folder, params string[] arguments)
    {
        Command.Result result = Command.Run("sh", [Path.Combine(Sources, "..", "build.sh"), "ia32", .. arguments], directory: folder);
        Assert.True(result.Status == 0, result.Output + result.Error);
    }
}
