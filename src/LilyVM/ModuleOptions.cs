namespace LilyVM;

/// <summary>A file that a multiboot kernel finds in memory at its start.</summary>
/// <param name="Path">The file.</param>
/// <param name="Arguments">What the kernel is told of it besides its name.</param>
public sealed record ModuleOptions(string Path, string Arguments = "")
{
    /// <summary>What the kernel is told of it.</summary>
    internal string Text => Arguments.Length == 0 ? Path : $"{Path} {Arguments}";

    /// <summary>A module as the command line names it: a file and, behind the first blank, its arguments.</summary>
    /// <exception cref="LilyVMException">There is no name.</exception>
    public static ModuleOptions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int blank = text.IndexOf(' ', StringComparison.Ordinal);
        var module = blank < 0 ? new ModuleOptions(text) : new ModuleOptions(text[..blank], text[(blank + 1)..]);
        return module.Path.Length > 0 ? module
            : throw new LilyVMException($"'{text}' names no module; give a file and then its arguments.");
    }

    /// <summary>
    /// Modules as QEMU's -initrd names those of a multiboot kernel: separated by commas, and a doubled comma is one of a name.
    /// </summary>
    /// <exception cref="LilyVMException">One of them has no name.</exception>
    public static IReadOnlyList<ModuleOptions> ParseList(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        const char Escaped = '\0'; // no file has it in its name
        return [.. text.Replace(",,", Escaped.ToString(), StringComparison.Ordinal).Split(',').Select(m => Parse(m.Replace(Escaped, ',')))];
    }
}
