using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using LilyVM.Hypervisor.Shared.User;

namespace LilyVM.Engines.User;

/// <summary>
/// The template stub: started by the VM process with two files open, and the event
/// files of devices that others serve, and nothing else. The other stubs are its copies, and children of the
/// VM process too (CLONE_PARENT), all in one process group: that is how they are waited for and ended.
/// </summary>
internal sealed class StubProcess : IDisposable
{
    private readonly ConcurrentDictionary<uint, bool> known = new();
    private readonly Thread watcher;
    private volatile StubEnd? firstEnd;
    private volatile bool allEnded;

    /// <summary>Starts it. The calling thread must live as long as the machine runs: the stub dies with it (PR_SET_PDEATHSIG).</summary>
    /// <param name="image">The resource that holds its image.</param>
    /// <param name="ram">Guest RAM.</param>
    /// <param name="machine">The shared state.</param>
    /// <param name="eventFiles">Descriptors of the files that <see cref="Machine.Events"/> names.</param>
    /// <param name="onEnd">Called on another thread when the first stub has ended, the template or another.</param>
    internal StubProcess(string image, MemoryFile ram, MemoryFile machine, IReadOnlyList<int> eventFiles, Action onEnd)
    {
        int error = StubImage.Spawn(image, [ram.Descriptor, machine.Descriptor], argument: null, out int process, [.. eventFiles]);
        if (error != 0)
            throw new LilyVMException($"The stub process cannot be started: {Marshal.GetPInvokeErrorMessage(error)}.");
        Id = process;
        OomScore.RaiseOf(process);
        watcher = new Thread(() => Watch(onEnd)) { IsBackground = true, Name = "stub watcher" };
        watcher.Start();
        AppDomain.CurrentDomain.ProcessExit += EndWithProcess;
    }

    /// <summary>Process id.</summary>
    internal int Id { get; }

    /// <summary>The stub that ended first, once one has.</summary>
    internal StubEnd? FirstEnd => firstEnd;

    /// <summary>Kills all stubs and waits until none is left.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= EndWithProcess;
        EndAll();
    }

    /// <summary>
    /// Whether a process is one of the stubs. Their numbers are found in shared memory, which a guest may have written over; nobody else
    /// is signalled or moved for it. An answer stays true: a stub's number is not given to others before its end was seen here, which
    /// ends the machine.
    /// </summary>
    internal bool Owns(uint process)
    {
        if (firstEnd is not null)
            return false;
        if (known.ContainsKey(process))
            return true;
        bool isOurs = IsInGroup(process);
        if (isOurs)
            known.TryAdd(process, true);
        return isOurs;
    }

    /// <summary>Ends all stubs, whatever they are doing.</summary>
    internal void Kill() => _ = allEnded ? 0 : HostCalls.Kill(-Id, HostCalls.KillSignal);

    // Fourth and fifth number of /proc/PID/stat, behind a name in brackets that may hold anything: the parent and the process group.
    private bool IsInGroup(uint process)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{process}/stat");
            string[] words = text[(text.LastIndexOf(')') + 2)..].Split(' ', 4);
            return words[1] == Number(Environment.ProcessId) && words[2] == Number(Id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Number(int process) => process.ToString(CultureInfo.InvariantCulture);

    // This process ends without having disposed the machine. PR_SET_PDEATHSIG would end the stubs, but later than it.
    private void EndWithProcess(object? sender, EventArgs arguments) => EndAll();

    // The group's number is not given to others while one stub is left.
    private void EndAll()
    {
        Kill();
        watcher.Join();
    }

    private void Watch(Action onEnd)
    {
        const int Interrupted = 4; // EINTR
        while (true)
        {
            int process = HostCalls.WaitFor(-Id, out int status, 0);
            if (process > 0 && firstEnd is null)
            {
                firstEnd = new StubEnd(process, status);
                onEnd();
            }
            else if (process < 0 && Marshal.GetLastPInvokeError() != Interrupted)
            {
                break; // ECHILD: that was the last one
            }
        }
        allEnded = true;
    }
}
