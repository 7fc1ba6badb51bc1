using LilyVM.Cli.Guests;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Recipes;

/// <summary>
/// The fault programs of both architectures can be built, and those of x86-64 run to their end on this host: what they print differs with
/// the kernel, but none of them may depend on the guest's.
/// </summary>
public sealed class FaultProgramTests : ScratchTest
{
    private const string Group = "faults";

    public static TheoryData<string> ForX64 => new(Recipe(LinuxRecipe.X64).Programs(Group));

    [Theory]
    [InlineData("i386")]
    [InlineData("x86_64")]
    public void All_of_an_architecture_can_be_built(string architecture)
    {
        RecipeFiles recipe = Recipe(LinuxRecipe.Of(architecture));
        Compile(recipe);
        string[] built = [.. Directory.EnumerateFiles(Scratch.Path).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        Assert.Equal(recipe.Programs(Group), built);
        Assert.Contains("pointers", built); // shared
        Assert.Contains("sigreturn", built); // its own
    }

    [Theory]
    [MemberData(nameof(ForX64))]
    public void Each_of_x86_64_runs_to_its_end_on_the_host(string name)
    {
        Compile(Recipe(LinuxRecipe.X64));
        Command.Result result = Command.Run(Scratch[name], []);
        Assert.Equal(0, result.Status);
        Assert.True(result.Output.Count(c => c == '\n') > 4, result.Output);
    }

    private static RecipeFiles Recipe(LinuxRecipe recipe) => new(new ProjectFiles(Repository.Root), recipe);

    private void Compile(RecipeFiles files) =>
        files.Recipe.Programs.Single(g => g.Folder == Group).Compile(files.Shared, files.Own, Scratch.Path);
}
