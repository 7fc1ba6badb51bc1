using LilyVM.Cli.Guests;
using LilyVM.Tests.Recipes;

namespace LilyVM.Tests.Cli;

public sealed class PreparedLinuxTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private int builds;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_guest_is_looked_for_again_when_an_input_or_a_file_of_it_changed()
    {
        string recipe = folder.Write("guests/linux/kernel.config", "a"), source = folder.Write("src/LilyVM.Abi/A.cs", "a");
        folder.Write("src/LilyVM.Assembler/A.cs", "a");
        folder.Write("src/LilyVM.Assembler.Driver/A.cs", "a");
        folder.Write("artifacts/lily-as/as", "a");
        string kernel = folder.Write("cache/vmlinux", "a"), initrd = folder.Write("cache/initrd.gz", "a");
        var prepared = new PreparedLinux(new RecipeFiles(new ProjectFiles(folder.Path), LinuxRecipe.I386), new GuestCache(folder["cache"]));
        LinuxFiles Build()
        {
            builds++;
            return new LinuxFiles(kernel, initrd, "config", Oracle: "not remembered");
        }

        prepared.Get(Build);
        Assert.Equal(new LinuxFiles(kernel, initrd, "config", null), prepared.Get(Build));
        Assert.Equal(1, builds);
        int expected = 1;
        foreach (string changed in (string[])[recipe, source, kernel, initrd])
        {
            File.WriteAllText(changed, "other");
            prepared.Get(Build);
            prepared.Get(Build);
            Assert.Equal(++expected, builds);
        }
        File.Delete(kernel);
        prepared.Get(Build);
        Assert.Equal(expected + 1, builds);
        File.WriteAllText(folder["cache/ready-linux-i386"], "damaged");
        prepared.Get(Build);
        Assert.Equal(expected + 2, builds);
    }
}
