using System.CommandLine;
using System.Globalization;
using LilyVM.Cli.Cache;
using LilyVM.Cli.Guests;

namespace LilyVM.Cli.Commands;

/// <summary>lilyvm cache: what the cache holds and how large that is, and removing it.</summary>
internal static class CacheCommand
{
    internal static Command Create()
    {
        const string Places = $"${CacheLocation.OwnVariable}, ${CacheLocation.XdgVariable}/lilyvm or ~/.cache/lilyvm";
        var command = new Command("cache", $"Show what the cache of prepared guests holds, where, and how large it is: {Places}.")
        {
            CreateRemove(),
        };
        command.SetAction(parsed => Show(GuestCache.Find(), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static Command CreateRemove()
    {
        Argument<string[]> names = new("name")
        {
            Description = "What to remove, as `lilyvm cache` names it.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<bool> all = new("--all") { Description = "Remove all that the cache holds." };
        var command = new Command("remove", "Remove things from the cache; what a build that runs needs stays.") { names, all };
        command.Aliases.Add("rm");
        command.Validators.Add(result =>
        {
            if ((result.GetValue(names) is { Length: > 0 }) == result.GetValue(all))
                result.AddError("Give either names, as `lilyvm cache` shows them, or --all.");
        });
        command.SetAction(parsed =>
            Remove(GuestCache.Find(), parsed.GetValue(all) ? null : parsed.GetRequiredValue(names), parsed.InvocationConfiguration));
        return command;
    }

    private static int Show(GuestCache cache, TextWriter output)
    {
        List<CacheItem> items = CacheItem.List(cache);
        Dictionary<CacheItem, long> sizes = Sizes(items);
        var removal = new CacheRemoval(cache);
        output.WriteLine(cache.Root + (items.Count == 0 ? " holds nothing." : ""));
        int width = items.Select(i => i.Name.Length).DefaultIfEmpty().Max();
        string root = cache.Root;
        foreach (CacheItem item in items)
        {
            if (item.Root != root)
                output.WriteLine($"{root = item.Root} (for kernel builds, which take no blanks or colons in paths)");
            string maker = removal.MakerOf(item) is { } process ? $", which {process} works on" : "";
            output.WriteLine($"  {item.Name.PadRight(width)}  {Size(sizes[item]),9}  {item.Kind.What}{maker}");
        }
        if (items.Count > 0)
            output.WriteLine($"  {"in all".PadRight(width)}  {Size(sizes.Values.Sum()),9}");
        return 0;
    }

    private static int Remove(GuestCache cache, string[]? names, InvocationConfiguration console)
    {
        List<CacheItem> items = CacheItem.List(cache);
        if (names?.FirstOrDefault(n => !items.Exists(i => IsNamed(i, n))) is { } unknown)
            throw new LilyVMException($"The cache {cache.Root} holds no '{unknown}'; `lilyvm cache` shows what it holds.");
        List<CacheItem> wanted = names is null ? items : items.FindAll(i => names.Any(n => IsNamed(i, n)));
        Dictionary<CacheItem, long> sizes = Sizes(wanted);
        var removal = new CacheRemoval(cache);
        int status = 0;
        foreach (CacheItem item in wanted)
        {
            if (removal.TryRemove(item) is { } user)
            {
                console.Error.WriteLine($"lilyvm: {item.Name} stays, because {user}.");
                status = Program.Failure;
                continue;
            }
            console.Output.WriteLine($"{item.Name} is removed ({Size(sizes[item])}).");
        }
        return status;
    }

    // With its area, or without.
    private static bool IsNamed(CacheItem item, string name) => name == item.Name || name == item.FileName;

    // What they take on the disk: images have holes.
    private static Dictionary<CacheItem, long> Sizes(List<CacheItem> items)
    {
        if (items.Count == 0)
            return [];
        // What a build removes meanwhile counts as nothing; the status tells that, and no more.
        string output = new Tool("du", "coreutils").TryRun(["-s", "--block-size=1", "--", .. items.Select(i => i.Path)]).Output;
        Dictionary<string, long> byPath = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t', 2))
            .ToDictionary(p => p[1], p => long.Parse(p[0], CultureInfo.InvariantCulture));
        return items.ToDictionary(i => i, i => byPath.GetValueOrDefault(i.Path));
    }

    private static string Size(long bytes) => bytes < 1 << 20
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0} KiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):#,0.0} MiB");
}
