using System.Globalization;
using System.Text;
using LilyVM.Devices;

namespace LilyVM.Cli.Containers;

/// <summary>
/// What the first process of a container's machine does (guests/linux/x64/container/container.c): words NAME=VALUE, each with a zero byte
/// behind it.
/// </summary>
internal sealed class ContainerSpecification
{
    /// <summary>Where it finds them.</summary>
    internal const string FileName = "lilyvm/container";

    private readonly List<byte> bytes = [];

    /// <summary>Adds a word.</summary>
    /// <exception cref="LilyVMException">The value holds a zero byte, which no program can be given.</exception>
    internal ContainerSpecification Add(string name, string value)
    {
        if (value.Contains('\0'))
            throw new LilyVMException($"A zero byte stands in the container's {name}; leave it out.");
        bytes.AddRange(Encoding.UTF8.GetBytes($"{name}={value}\0"));
        return this;
    }

    /// <summary>Adds a word for each value.</summary>
    internal ContainerSpecification AddAll(string name, IEnumerable<string> values)
    {
        foreach (string value in values)
            Add(name, value);
        return this;
    }

    /// <summary>Adds who the program runs as.</summary>
    internal ContainerSpecification Add(ContainerUser user) => Add("user", Text(user.User)).Add("group", Text(user.Group))
        .AddAll("member", user.Members.Append(user.Group).Distinct().Select(Text));

    /// <summary>Adds a terminal of that size.</summary>
    internal ContainerSpecification AddTerminal(TerminalSize size) => Add("terminal", $"{Text(size.Rows)} {Text(size.Columns)}");

    /// <summary>All words.</summary>
    internal byte[] ToArray() => [.. bytes];

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}
