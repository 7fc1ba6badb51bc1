namespace LilyVM.Daemons;

/// <summary>How a daemon is started.</summary>
/// <param name="Program">Its path.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record DaemonLine(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// Words that become it in the end, each program the next one, such as <c>unshare</c>. They come first, since what changes a process's
    /// rights makes the host forget by which signal it is to die with us (prctl(2), PR_SET_PDEATHSIG).
    /// </summary>
    internal IReadOnlyList<string> Before { get; init; } = [];

    /// <summary>Whether it has something to write down at its end, and is asked to end; otherwise it is killed.</summary>
    internal bool EndsInOrder { get; init; }

    /// <summary>Whether somebody speaks with it on its standard streams.</summary>
    internal bool IsSpokenTo { get; init; }
}
