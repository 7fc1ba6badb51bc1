using LilyVM.Cli.Guests;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Lab;

/// <summary>The x86-64 Linux on the user engine with protection keys, in the lab's variant that has them (X64KeysLabTests).</summary>
public sealed class X64KeysLinuxLabTests
{
    private const int Seconds = 2400;

    [Fact(Explicit = true)]
    [Trait("Takes", "minutes")]
    public void A_program_that_touches_its_kernel_gets_SIGSEGV_and_others_do_what_they_do()
    {
        Command.Result result = LabTests.Lab(
            TimeSpan.FromSeconds(Seconds * 2),
            [
                "--variant", "generic", "--kernel-args", "clearcpuid=smap", "--timeout", $"{Seconds}",
                "--", "lilyvm", "boot", "--isolation", "keys", "--append", "lilyvm.run=conformance",
            ]);
        foreach (string program in new RecipeFiles(ProjectFiles.Find(), LinuxRecipe.X64).Programs("conformance"))
            Assert.Contains($"== {program} ended with status 0", result.Output, StringComparison.Ordinal);
    }
}
