namespace LilyVM;

/// <summary>The one run of a machine, on a thread of its own.</summary>
internal static class MachineThread
{
    /// <summary>Starts the thread; its end, or what it threw, is that of the task.</summary>
    /// <param name="earlier">The run that the machine has had; there may be none.</param>
    /// <param name="name">The thread's.</param>
    /// <param name="run">Runs the guest to its end.</param>
    /// <param name="stop">Ends it, when that is asked for.</param>
    /// <param name="cancellation">Asks.</param>
    internal static Task<MachineResult> Start(
        Task? earlier, string name, Func<MachineResult> run, Action stop, CancellationToken cancellation)
    {
        if (earlier is not null)
            throw new InvalidOperationException("A machine runs once.");
        var end = new TaskCompletionSource<MachineResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Run(end, run, stop, cancellation)) { IsBackground = true, Name = name }.Start();
        return end.Task;
    }

    /// <summary>Waits for a run's end, whatever its outcome.</summary>
    internal static void Await(Task run) => run.ContinueWith(_ => { }, TaskScheduler.Default).Wait();

    private static void Run(
        TaskCompletionSource<MachineResult> end, Func<MachineResult> run, Action stop, CancellationToken cancellation)
    {
        try
        {
            using CancellationTokenRegistration registration = cancellation.Register(stop);
            end.SetResult(run());
        }
        catch (Exception e)
        {
            end.SetException(e); // whoever awaits the run gets it
        }
    }
}
