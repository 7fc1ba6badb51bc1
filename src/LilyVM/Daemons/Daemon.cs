using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using LilyVM.Engines.User;
using LilyVM.Native;

namespace LilyVM.Daemons;

/// <summary>
/// A program of others that serves one device of one machine: our child, which ends with the machine in every way that one can end. It is
/// started by a thread of its own that waits for its end, because a child's signal at our death comes when that thread ends.
/// </summary>
internal sealed class Daemon : IDisposable
{
    private const int MostWords = 4096, Terminate = 15;
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(10), LastMoment = TimeSpan.FromSeconds(2);

    private readonly Thread thread;
    private readonly ManualResetEventSlim started = new();
    private readonly DaemonLine line;
    private readonly StringBuilder said = new();
    private volatile Process? process;

    /// <summary>Starts it.</summary>
    /// <exception cref="LilyVMException">It cannot be.</exception>
    internal Daemon(DaemonLine line)
    {
        this.line = line;
        thread = new Thread(Watch) { IsBackground = true, Name = Path.GetFileName(line.Program) };
        thread.Start();
        started.Wait();
        if (process is null)
            throw new LilyVMException($"Cannot start {line.Program}: env, setpriv and sh must be on PATH.");
    }

    /// <summary>Its standard input, if it is spoken to.</summary>
    internal TextWriter Commands => process!.StandardInput;

    /// <summary>Its standard output, if it is spoken to.</summary>
    internal TextReader Answers => process!.StandardOutput;

    private int Id => process!.Id;

    /// <summary>
    /// The last line that it wrote to its standard error, when it has ended, for which we wait a moment; null if it wrote nothing.
    /// </summary>
    internal string? LastWords()
    {
        thread.Join(LastMoment);
        lock (said)
            return said.Length == 0 ? null : QemuMachine.LastLine(said.ToString());
    }

    /// <summary>Ends it; its connection is closed by now, at which most end by themselves.</summary>
    public void Dispose()
    {
        if (line.EndsInOrder && thread.IsAlive)
            _ = HostCalls.Kill(Id, Terminate);
        thread.Join(line.EndsInOrder ? Courtesy : LastMoment);
        if (thread.IsAlive)
            process!.Kill();
        thread.Join();
        process!.Dispose();
        started.Dispose();
    }

    private void Watch()
    {
        try
        {
            process = Process.Start(new ProcessStartInfo(
                "env", [.. OurChild.Words(isKilled: !line.EndsInOrder, line.Before), line.Program, .. line.Arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
        }
        catch (Win32Exception)
        {
            // There is no env.
        }
        started.Set();
        if (process is not { } running)
            return;
        if (!line.IsSpokenTo)
        {
            running.StandardInput.Close();
            running.StandardOutput.Close();
        }
        char[] buffer = new char[MostWords];
        for (int count; (count = running.StandardError.Read(buffer)) > 0;)
            Remember(buffer.AsSpan(0, count));
        running.WaitForExit();
    }

    private void Remember(ReadOnlySpan<char> words)
    {
        lock (said)
        {
            said.Append(words);
            if (said.Length > MostWords)
                said.Remove(0, said.Length - MostWords);
        }
    }
}
