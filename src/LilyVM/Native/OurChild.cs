using System.Globalization;

namespace LilyVM.Native;

/// <summary>
/// Words that start a program so that it does not outlive us. Each of them becomes the next program, so the process is one.
/// </summary>
internal static class OurChild
{
    // If we died before setpriv could ask for a signal at our death, somebody else is its parent now.
    private const string OnlyAsOurChild = "[ \"$PPID\" = \"$0\" ] && exec \"$@\"";

    /// <summary>
    /// The program is <c>env</c>, and these are its arguments before the program's own. The child gets a signal when the thread that
    /// started it ends, which must therefore wait for it.
    /// </summary>
    /// <param name="isKilled">Whether that is SIGKILL; SIGTERM otherwise, for who has something to write down.</param>
    /// <param name="first">
    /// Words that change its rights, by which the host forgets what signal was asked for (prctl(2), PR_SET_PDEATHSIG).
    /// </param>
    internal static IReadOnlyList<string> Words(bool isKilled, params IReadOnlyList<string> first) =>
    [
        // Signals from the terminal reach its whole process group, but how the machine ends is for us to say; SIGTSTP is left, to hold all.
        "--block-signal=HUP,INT,QUIT" + (isKilled ? ",TERM" : ""), .. first, "setpriv", "--pdeathsig", isKilled ? "KILL" : "TERM",
        "sh", "-c", OnlyAsOurChild, Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
    ];
}
