using System.CommandLine;
using LilyVM.Cli.Guests;
using LilyVM.Cli.Words;

namespace LilyVM.Cli.Commands;

/// <summary>
/// The option --arch: which of the prepared guests is meant. Whoever has a kernel's file already is not asked: the file tells.
/// </summary>
internal static class ArchitectureOption
{
    /// <summary>Its name.</summary>
    internal const string Name = "--arch";

    internal static Option<string> Create()
    {
        string[] names = [.. LinuxRecipe.All.Select(r => r.Architecture)];
        Option<string> option = new(Name)
        {
            Description = "The prepared guest's architecture.",
            HelpName = string.Join('|', names),
            DefaultValueFactory = _ => LinuxRecipe.Default.Architecture,
        };
        option.TakesOneOf(names);
        return option;
    }

    /// <summary>The recipe that was chosen.</summary>
    internal static LinuxRecipe Recipe(ParseResult parsed, Option<string> option) => LinuxRecipe.Of(parsed.GetRequiredValue(option));
}
