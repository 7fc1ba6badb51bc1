using System.Text.RegularExpressions;
using LilyVM.Hypervisor.Shared.Kernel;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Native;

/// <summary>The commands of docs/module.md name what there is, and dkms.conf fits them.</summary>
public sealed partial class ModuleDocumentTests : IDisposable
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "module.md"));
    private static readonly string Configuration = File.ReadAllText(Path.Combine(Repository.Root, "native", "module", "dkms.conf"));
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("lilyvm-test-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Files_that_the_commands_name_are_there()
    {
        List<string> files = [.. Command().Matches(Document).SelectMany(c => c.Value.Split(' '))
            .Where(w => w.StartsWith("native/", StringComparison.Ordinal)).Distinct()];
        Assert.Contains("native/module/source.sh", files);
        Assert.All(files, f => Assert.True(File.Exists(Path.Combine(Repository.Root, f)), f));
        foreach (string program in (string[])["native/module/source.sh", "native/module/build.sh"])
            Assert.Equal(0, Support.Command.Run("test", ["-x", Path.Combine(Repository.Root, program)]).Status);
        // What is built is where the lab's module is made from, too.
        foreach (string built in (string[])["artifacts/bin/KernelHypervisor/release/kernel.bin",
            "artifacts/bin/KernelHypervisor/release/kh_layout.h"])
        {
            Assert.Contains(built, Document, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(Repository.Root, built)), built);
        }
    }

    [Fact]
    public void The_source_folder_has_all_that_the_module_is_built_from()
    {
        string image = Path.Combine(folder.FullName, "image"), layout = Path.Combine(folder.FullName, "layout"),
            source = Path.Combine(folder.FullName, "lilyvm-1");
        File.WriteAllText(image, "image");
        File.WriteAllText(layout, "layout");
        string module = Path.Combine(Repository.Root, "native", "module");
        Assert.Equal(0, Support.Command.Run("sh", [Path.Combine(module, "source.sh"), source, image, layout]).Status);
        Assert.Equal("image", File.ReadAllText(Path.Combine(source, "kernel-hypervisor.bin")));
        Assert.Equal("layout", File.ReadAllText(Path.Combine(source, "kh_layout.h")));
        string kbuild = File.ReadAllText(Path.Combine(source, "Kbuild"));
        foreach (Match objects in Objects().Matches(kbuild))
        {
            foreach (string name in objects.Groups[2].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                string stem = Path.Combine(source, objects.Groups[1].Value, Path.GetFileNameWithoutExtension(name));
                Assert.True(File.Exists(stem + ".c") || File.Exists(stem + ".S"), stem);
            }
        }
        Assert.Equal(2, Objects().Count(kbuild));
    }

    [Fact]
    public void The_version_is_that_of_the_interface()
    {
        Assert.Contains($"PACKAGE_VERSION=\"{ImageHeader.CurrentVersion}\"", Configuration, StringComparison.Ordinal);
        Assert.All(Package().Matches(Document),
            m => Assert.Equal(ImageHeader.CurrentVersion.ToString(System.Globalization.CultureInfo.InvariantCulture), m.Groups[1].Value));
        Assert.Contains("BUILT_MODULE_NAME[0]=\"lilyvm\"", Configuration, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^    .*$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"addprefix (\w+)/, ([^)]*)\)")]
    private static partial Regex Objects();

    [GeneratedRegex(@"lilyvm[-/](\d+)")]
    private static partial Regex Package();
}
