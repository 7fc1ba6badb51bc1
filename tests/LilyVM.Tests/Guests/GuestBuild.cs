using LilyVM.Native;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Guests;

/// <summary>
/// The small guests of guests/tests, built once for all tests: with plain <c>as</c>, and with the assembler preprocessor and then prepared for the
/// native image of the VM library.
/// </summary>
public sealed class GuestBuild : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("lilyvm-guests").FullName;

    public GuestBuild()
    {
        Build("plain");
        Build("converted", Path.GetDirectoryName(Repository.LilyAs)!);
        foreach (string name in Names)
        {
            string converted = ForEngine(name);
            File.WriteAllBytes(Converted(name), NativeKernel.UndoInlineSites(File.ReadAllBytes(converted), converted));
        }
        File.WriteAllBytes(Library, NativeImage.Load());
    }

    /// <summary>All guests by name.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.GetFiles(Sources, "*.S").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];

    /// <summary>The native image.</summary>
    public string Library => Path.Combine(directory, "native.bin");

    private static string Sources => Path.Combine(Repository.Root, "guests", "tests");

    /// <summary>The guest as plain <c>as</c> made it.</summary>
    public string Plain(string name) => Path.Combine(directory, "plain", name + ".elf");

    /// <summary>The converted guest, which any engine runs.</summary>
    public string ForEngine(string name) => Path.Combine(directory, "converted", name + ".elf");

    /// <summary>The converted guest with its inline sites undone.</summary>
    public string Converted(string name) => Path.Combine(directory, "converted", name + ".native.elf");

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private void Build(params string[] arguments)
    {
        Command.Result result = Command.Run("sh", [Path.Combine(Sources, "build.sh"), .. arguments], directory: directory);
        Assert.True(result.Status == 0, result.Output + result.Error);
    }
}
