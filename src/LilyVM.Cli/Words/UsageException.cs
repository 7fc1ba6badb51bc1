namespace LilyVM.Cli.Words;

/// <summary>Words that are not understood: the command ends with <see cref="Program.WrongUsage"/>, and nothing was begun.</summary>
internal sealed class UsageException(string sentence) : LilyVMException(sentence);
