using System.Runtime.InteropServices;

namespace LilyVM.Cli.Terminal;

/// <summary>
/// The signals that end a machine, from the making of this object to its disposal. The first one ends it in good order; a second one ends
/// the program, as something holds the machine up, such as output that nobody takes.
/// </summary>
internal sealed class EndSignals : IDisposable
{
    // The numbers are those of signal(7); shells add 128.
    private const int ShellBase = 128;

    private static readonly (PosixSignal Signal, int Number)[] Handled =
        [(PosixSignal.SIGHUP, 1), (PosixSignal.SIGINT, 2), (PosixSignal.SIGQUIT, 3), (PosixSignal.SIGTERM, 15)];

    private readonly List<PosixSignalRegistration> registrations = [];
    private readonly Lock gate = new();
    private IMachine? machine;

    internal EndSignals()
    {
        foreach ((PosixSignal signal, int number) in Handled)
        {
            registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true; // the machine's orderly end comes first
                Take(ShellBase + number);
            }));
        }
    }

    /// <summary>The exit status that the first signal asks for; null if none came.</summary>
    internal int? Status { get; private set; }

    /// <summary>The machine to end, or none any more; a signal that came earlier ends it now.</summary>
    internal void Watch(IMachine? watched)
    {
        lock (gate)
        {
            machine = watched;
            if (Status is null)
                return;
        }
        watched?.Stop();
    }

    /// <inheritdoc/>
    public void Dispose() => registrations.ForEach(r => r.Dispose());

    private void Take(int status)
    {
        IMachine? ended;
        lock (gate)
        {
            if (Status is not null)
                Environment.Exit(status);
            Status = status;
            ended = machine;
        }
        ended?.Stop();
    }
}
