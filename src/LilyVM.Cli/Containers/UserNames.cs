using System.Globalization;

namespace LilyVM.Cli.Containers;

/// <summary>Who a container's program runs as.</summary>
/// <param name="User">User id.</param>
/// <param name="Group">Group id.</param>
/// <param name="Members">Further groups.</param>
/// <param name="Home">Home folder.</param>
internal sealed record ContainerUser(uint User, uint Group, IReadOnlyList<uint> Members, string Home);

/// <summary>Finds USER[:GROUP] in an image's etc/passwd and etc/group, as docker does: numbers need not be there, names must.</summary>
/// <param name="Passwords">The text of etc/passwd; may be empty.</param>
/// <param name="Groups">The text of etc/group; may be empty.</param>
internal sealed record UserNames(string Passwords, string Groups)
{
    /// <summary>Finds them.</summary>
    /// <exception cref="LilyVMException">A name is not there.</exception>
    internal ContainerUser Find(string text)
    {
        string[] parts = text.Split(':', 2);
        string name = parts[0].Length == 0 ? "0" : parts[0];
        uint? number = Number(name);
        string[]? row = Rows(Passwords, 7).FirstOrDefault(r => r[0] == name) ??
            Rows(Passwords, 7).FirstOrDefault(r => number is not null && Number(r[2]) == number);
        uint user = (row is null ? number : Number(row[2]))
            ?? throw new LilyVMException($"The image has no user '{name}'; give one that is in its /etc/passwd, or a number.");
        string home = row is null || row[5].Length == 0 ? "/" : row[5];
        if (parts.Length == 2)
            return new ContainerUser(user, Group(parts[1]), [], home);
        IEnumerable<uint> members = row is null
            ? []
            : Rows(Groups, 4).Where(g => g[3].Split(',').Contains(row[0])).Select(g => Number(g[2])).OfType<uint>();
        return new ContainerUser(user, row is null ? 0 : Number(row[3]) ?? 0, [.. members], home);
    }

    private uint Group(string name) => Number(Rows(Groups, 4).FirstOrDefault(g => g[0] == name)?[2] ?? name)
        ?? throw new LilyVMException($"The image has no group '{name}'; give one that is in its /etc/group, or a number.");

    private static IEnumerable<string[]> Rows(string text, int fields) =>
        text.Split('\n').Select(line => line.Split(':')).Where(row => row.Length >= fields);

    private static uint? Number(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number : null;
}
