namespace LilyVM.Native;

/// <summary>A command line that starts a machine, but for where its console goes.</summary>
/// <param name="Program">The emulator.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record QemuLine(string Program, IReadOnlyList<string> Arguments);
