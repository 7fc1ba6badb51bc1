using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace LilyVM.Cli.Containers;

/// <summary>
/// Signals that lilyvm gets go to the container's program, as docker passes them on. SIGTERM, by which services are stopped, becomes the
/// signal that the image names for that. A program that is process 1 ignores what it does not handle, so the third one ends the machine.
/// </summary>
internal sealed class ContainerSignals : IDisposable
{
    private const int Interrupt = 2, Terminate = 15, ShellBase = 128, Enough = 3;

    // The numbers are those of signal(7); .NET takes numbers for signals that it has no names for.
    private static readonly int[] Passed = [1, Interrupt, 3, 10, 12, Terminate];

    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    private readonly List<PosixSignalRegistration> registrations = [];
    private readonly MachineConsole words;
    private readonly int stopSignal;
    private readonly Action stop;
    private int endings;

    /// <summary>Passes them on from now.</summary>
    /// <param name="words">The port for words to the machine's first process.</param>
    /// <param name="stopSignal">What SIGTERM becomes.</param>
    /// <param name="stop">Ends the machine.</param>
    internal ContainerSignals(MachineConsole words, int stopSignal, Action stop)
    {
        this.words = words;
        this.stopSignal = stopSignal;
        this.stop = stop;
        foreach (int number in Passed)
        {
            registrations.Add(PosixSignalRegistration.Create(Signal(number), context =>
            {
                context.Cancel = true;
                Take(number);
            }));
        }
    }

    /// <summary>The exit status that the signals ask for which ended the machine; null if none did.</summary>
    internal int? Status { get; private set; }

    /// <summary>The number of a signal by its name, SIGTERM or TERM, or number; null if there is none.</summary>
    internal static int? Number(string name)
    {
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return number is > 0 and <= 64 ? number : null;
        string plain = name.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? name[3..] : name;
        int found = Array.FindIndex(Names, n => n.Equals(plain, StringComparison.OrdinalIgnoreCase));
        return found > 0 ? found : null;
    }

    /// <inheritdoc/>
    public void Dispose() => registrations.ForEach(r => r.Dispose());

    private static PosixSignal Signal(int number) => number switch
    {
        1 => PosixSignal.SIGHUP,
        Interrupt => PosixSignal.SIGINT,
        3 => PosixSignal.SIGQUIT,
        Terminate => PosixSignal.SIGTERM,
        _ => (PosixSignal)number,
    };

    private void Take(int number)
    {
        words.TryType(Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"signal {(number == Terminate ? stopSignal : number)}\n")));
        if (number is not (Interrupt or Terminate) || Interlocked.Increment(ref endings) < Enough)
            return;
        Status = ShellBase + number;
        stop();
    }
}
