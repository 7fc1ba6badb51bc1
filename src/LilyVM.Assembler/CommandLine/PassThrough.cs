using System.IO.Enumeration;

namespace LilyVM.Assembler.CommandLine;

/// <summary>
/// The recipe's list of outputs that stay unconverted: code that never runs in the guest kernel (boot loader, vDSO, tools). One glob a line
/// against the output path as given, <c>*</c> matches slashes too, <c>#</c> starts a comment.
/// </summary>
public static class PassThrough
{
    /// <summary>Environment variable that names the list's file.</summary>
    public const string Variable = "LILYVM_PASS_THROUGH";

    /// <summary>
    /// Environment variable that names a list of the same form: outputs whose code runs at another address than it is linked at, and so
    /// calls the library by absolute address (<see cref="ConversionOptions.AbsoluteCalls"/>).
    /// </summary>
    public const string AbsoluteCallsVariable = "LILYVM_ABSOLUTE_CALLS";

    /// <summary>True when the list has a glob for this output.</summary>
    public static bool Contains(string? listFile, string output)
    {
        if (string.IsNullOrEmpty(listFile))
            return false;
        string path = output.StartsWith("./", StringComparison.Ordinal) ? output[2..] : output;
        foreach (string line in File.ReadLines(listFile))
        {
            int comment = line.IndexOf('#', StringComparison.Ordinal);
            string glob = (comment < 0 ? line : line[..comment]).Trim();
            if (glob.Length > 0 && FileSystemName.MatchesSimpleExpression(glob, path, ignoreCase: false))
                return true;
        }
        return false;
    }
}
