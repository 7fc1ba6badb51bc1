using System.Text.RegularExpressions;
using LilyVM.Boot;
using LilyVM.Cli.Guests;

namespace LilyVM.Tests.Recipes;

public sealed class LinuxGuestTests : IDisposable
{
    private readonly MiniatureLinux linux = new(LinuxRecipe.I386);

    [Theory]
    [InlineData("i386", 32)]
    [InlineData("x86_64", 64)]
    public void A_build_leaves_a_converted_kernel_its_twin_and_a_RAM_disk(string architecture, int bits)
    {
        using var linux = new MiniatureLinux(LinuxRecipe.Of(architecture));
        LinuxFiles files = linux.Build();
        Assert.Equal(bits, ConversionNotes.Read(Elf.Load(files.Kernel)).Architecture.Bits);
        Assert.Equal(20, ConversionNotes.RequireConverted(Elf.Load(files.Kernel)).Rewritten);
        Assert.False(ConversionNotes.Read(Elf.Load(files.Oracle!)).IsConverted);
        Assert.Equal("070701"u8, File.ReadAllBytes(files.Initrd).AsSpan(0, 6)); // a cpio archive in the new ASCII format
        Assert.Equal(["CONFIG_MINIATURE=y", "CONFIG_OWN=y"], File.ReadAllLines(files.Configuration));
        Assert.Equal(files, linux.Find());
        Assert.Empty(linux.Unfinished);
    }

    [Fact]
    public void The_second_build_does_nothing()
    {
        LinuxFiles files = linux.Build();
        string told = linux.Told;
        DateTime written = File.GetLastWriteTimeUtc(files.Kernel);
        Assert.Equal(files, linux.Build());
        Assert.Equal(told, linux.Told);
        Assert.Equal(written, File.GetLastWriteTimeUtc(files.Kernel));
    }

    [Fact]
    public void An_interrupted_build_is_not_taken_for_a_good_one_and_goes_on_where_it_was()
    {
        File.WriteAllText(linux.Interrupter, "");
        Assert.Throws<LilyVMException>(linux.Build);
        AssertNotBuilt();
        Assert.Single(linux.Unfinished);
        Assert.Equal([1, 2], linux.Compiled);

        File.Delete(linux.Interrupter);
        LinuxFiles files = linux.Build();
        Assert.Equal([1, 2, 3, 4, 5], linux.Compiled);
        Assert.Equal(20, ConversionNotes.RequireConverted(Elf.Load(files.Kernel)).Rewritten);
        Assert.False(ConversionNotes.Read(Elf.Load(files.Oracle!)).IsConverted);
        Assert.Single(Regex.Matches(linux.Told, "Configuring the kernel \\.\\.\\."));
        Assert.Empty(linux.Unfinished);
    }

    [Fact]
    public void Project_and_cache_may_lie_in_folders_with_blanks_and_colons()
    {
        using var other = new MiniatureLinux(LinuxRecipe.I386, "my pro:ject (2)");
        File.WriteAllText(other.Interrupter, "");
        Assert.Throws<LilyVMException>(other.Build);
        Assert.Single(other.Unfinished);
        File.Delete(other.Interrupter);
        LinuxFiles files = other.Build();
        Assert.Equal([1, 2, 3, 4, 5], other.Compiled);
        Assert.StartsWith(other.Cache.Root, files.Kernel, StringComparison.Ordinal);
        Assert.Equal(20, ConversionNotes.RequireConverted(Elf.Load(files.Kernel)).Rewritten);
        Assert.False(ConversionNotes.Read(Elf.Load(files.Oracle!)).IsConverted);
        Assert.Equal(files, other.Find());
        Assert.Empty(other.Unfinished);
    }

    [Fact]
    public void What_is_finished_is_served_without_writing_to_the_cache()
    {
        LinuxFiles files = linux.Build();
        Dictionary<string, DateTime> Times() => Directory.EnumerateFileSystemEntries(linux.Cache.Root, "*", SearchOption.AllDirectories)
            .Append(linux.Cache.Root).ToDictionary(f => f, File.GetLastWriteTimeUtc);
        Dictionary<string, DateTime> before = Times();
        Assert.Equal(files, linux.Build());
        Assert.Equal(files, linux.Find());
        Assert.Equal(before, Times());
    }

    [Fact]
    public async Task Of_two_builds_of_one_kernel_the_second_waits_and_takes_what_the_first_made()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        LinuxFiles[] both = await Task.WhenAll(Task.Run(linux.Build, cancellation), Task.Run(linux.Build, cancellation));
        Assert.Equal(both[0], both[1]);
        Assert.Equal([1, 2, 3, 4, 5], linux.Compiled);
    }

    [Fact]
    public void A_full_disk_is_told_in_a_sentence()
    {
        linux.WritePart(3, "ret\n.incbin \"missing: No space left on device\"");
        var error = Assert.Throws<LilyVMException>(linux.Build);
        Assert.Equal(
            "The kernel cannot be built: the disk is full; free some space (`lilyvm cache` shows what the cache holds) and run this " +
            "again, it goes on where it stopped.",
            error.Message);
        AssertNotBuilt();
    }

    [Fact]
    public void A_failing_compilation_is_told_in_a_sentence_with_its_reason()
    {
        linux.WritePart(4, "movl %cr9, %eax");
        var error = Assert.Throws<LilyVMException>(linux.Build);
        Assert.Matches("^The kernel cannot be built: .*part4\\.S.*Error.*\\(all of it is in .*build\\.log\\)\\.$", error.Message);
        Assert.DoesNotContain('\n', error.Message);
        AssertNotBuilt();
    }

    [Fact]
    public void A_damaged_kernel_in_the_cache_is_built_again()
    {
        LinuxFiles files = linux.Build();
        byte[] kernel = File.ReadAllBytes(files.Kernel);
        File.WriteAllBytes(files.Kernel, kernel[..^1]);
        AssertNotBuilt();
        Assert.Equal(files, linux.Build());
        Assert.Contains("The kernel in the cache is damaged; building it again.", linux.Told, StringComparison.Ordinal);
        Assert.Equal(kernel, File.ReadAllBytes(files.Kernel));
    }

    [Fact]
    public void A_changed_recipe_makes_another_kernel()
    {
        LinuxFiles before = linux.Build();
        linux.WriteRecipe("kernel.config", "CONFIG_MINIATURE=y\nCONFIG_OTHER=y\n");
        AssertNotBuilt();
        Assert.NotEqual(before.Kernel, linux.Build().Kernel);
    }

    [Fact]
    public void Edits_of_the_recipe_are_in_the_kernel_and_one_that_does_not_match_ends_the_build_by_name()
    {
        using var moved = new MiniatureLinux(LinuxRecipe.X64);
        static string Edit(string find) => $"@@ part1.S\n## It needs one more.\n<<\n{find}\n==\n{find}\ncli\n>>\n";
        moved.WriteOwn("edits.txt", Edit(".global part1"));
        string error = Assert.Throws<LilyVMException>(moved.Build).Message;
        Assert.EndsWith(
            "guests/linux/x64/edits.txt:1: the edit of part1.S does not apply (It needs one more): its lines are found nowhere there; "
            + "the recipe is for another version of this kernel.",
            error,
            StringComparison.Ordinal);
        Assert.Equal(
            "The Linux guest is not built as the recipe is now; run `lilyvm guest build linux --with-oracle`.",
            Assert.Throws<LilyVMException>(moved.Find).Message);

        moved.WriteOwn("edits.txt", Edit(".globl part1"));
        Assert.Equal(21, ConversionNotes.RequireConverted(Elf.Load(moved.Build().Kernel)).Rewritten);
    }

    [Fact]
    public void A_changed_script_makes_another_RAM_disk_and_keeps_the_kernel()
    {
        LinuxFiles before = linux.Build();
        linux.WriteRecipe("initrd/scripts/two", "#!/bin/sh\n");
        AssertNotBuilt();
        LinuxFiles after = linux.Build();
        Assert.Equal(before.Kernel, after.Kernel);
        Assert.NotEqual(before.Initrd, after.Initrd);
    }

    [Fact]
    public void An_option_that_kconfig_drops_ends_the_build()
    {
        linux.WriteRecipe("kernel.config", "CONFIG_MINIATURE=y\nCONFIG_DROPPED=y\n");
        var error = Assert.Throws<LilyVMException>(linux.Build);
        Assert.EndsWith("kernel.config:2: the kernel configuration has CONFIG_DROPPED=n instead of y; add what it depends on or " +
            "remove the line.", error.Message, StringComparison.Ordinal);
        linux.WriteRecipe("kernel.config", "CONFIG_MINIATURE=y\n");
        Assert.True(File.Exists(linux.Build().Kernel));
    }

    [Fact]
    public void A_kernel_that_fails_its_audit_is_not_installed_and_an_allowed_one_is_not_compiled_again()
    {
        linux.WritePart(2, ".byte 0x0f, 0x20, 0xd8; ret"); // mov %cr3, %eax, as bytes: the preprocessor cannot see it
        var error = Assert.Throws<LilyVMException>(linux.Build);
        Assert.Matches("^The kernel fails its audit with 1 findings, the first `mov.*` in part2 .*lilyvm audit .*$", error.Message);
        AssertNotBuilt();

        linux.WriteOwn("audit-allow.txt", "part2 * a test\n");
        LinuxFiles files = linux.Build();
        Assert.Equal(16, ConversionNotes.RequireConverted(Elf.Load(files.Kernel)).Rewritten);
        Assert.Equal([1, 2, 3, 4, 5], linux.Compiled);

        // And the other way: what is no longer allowed is no longer good.
        linux.WriteOwn("audit-allow.txt", "");
        Assert.Throws<LilyVMException>(linux.Build);
    }

    [Fact]
    public void A_kernel_built_without_the_preprocessor_is_refused()
    {
        linux.ReplaceAssembler("/usr/bin/as");
        var error = Assert.Throws<LilyVMException>(linux.Build);
        Assert.Contains("vmlinux was not converted", error.Message, StringComparison.Ordinal);
        AssertNotBuilt();
    }

    [Fact]
    public void Without_the_preprocessor_nothing_is_tried()
    {
        linux.ReplaceAssembler(null);
        var error = Assert.Throws<LilyVMException>(linux.Build);
        Assert.Matches("^The assembler preprocessor .* is missing; run \\./lilyvm, which builds it\\.$", error.Message);
    }

    public void Dispose() => linux.Dispose();

    private void AssertNotBuilt()
    {
        var error = Assert.Throws<LilyVMException>(linux.Find);
        Assert.Equal("The Linux guest is not built as the recipe is now; run `lilyvm guest build linux --arch i386 --with-oracle`.",
            error.Message);
    }
}
