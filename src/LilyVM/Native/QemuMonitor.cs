using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LilyVM.Native;

/// <summary>
/// QEMU's monitor (QMP, docs/interop/qmp-spec.txt in its source) on its standard streams. What QMP has no command for goes through the
/// monitor for people. Any thread may use it, one command at a time.
/// </summary>
internal sealed class QemuMonitor
{
    private readonly Lock asking = new();
    private readonly object gate = new(); // of the fields below, and pulsed when they change
    private readonly TextWriter commands;
    private readonly TextReader answers;
    private readonly Action<string, string> diskRefused;
    private JsonNode? answer;
    private bool machineEnded, qemuEnded;

    /// <summary>Speaks with a QEMU.</summary>
    /// <param name="commands">Its standard input.</param>
    /// <param name="answers">Its standard output.</param>
    /// <param name="diskRefused">
    /// Called with a drive's name and the host's words when the host refuses it something, on the thread that reads.
    /// </param>
    internal QemuMonitor(TextWriter commands, TextReader answers, Action<string, string> diskRefused)
    {
        this.commands = commands;
        this.answers = answers;
        this.diskRefused = diskRefused;
        new Thread(Read) { IsBackground = true, Name = "QEMU's monitor" }.Start();
        Execute("qmp_capabilities");
    }

    /// <summary>
    /// Waits, for a while, until the guest has ended its machine, which stands still then, or QEMU has ended; false if neither has
    /// happened.
    /// </summary>
    internal bool WaitForEnd(TimeSpan limit)
    {
        lock (gate)
        {
            if (!machineEnded && !qemuEnded)
                Monitor.Wait(gate, limit);
            return machineEnded || qemuEnded;
        }
    }

    /// <summary>Carries out a command without arguments.</summary>
    /// <exception cref="IOException">QEMU has ended.</exception>
    internal void Execute(string command) => Ask(new JsonObject { ["execute"] = command });

    /// <summary>Reads a byte-wide I/O port of the guest.</summary>
    /// <exception cref="IOException">QEMU has ended.</exception>
    internal byte ReadPort(uint address) => (byte)Number(AskForPeople($"i/b 0x{address:x}"), '=');

    /// <summary>Reads 16 bits of guest physical memory.</summary>
    /// <exception cref="IOException">QEMU has ended.</exception>
    internal ushort ReadWord(uint address) => (ushort)Number(AskForPeople($"xp/1hx 0x{address:x}"), ':');

    /// <summary>The registers, which may change meanwhile.</summary>
    /// <exception cref="IOException">QEMU has ended.</exception>
    internal QemuRegisters ReadRegisters() => QemuRegisters.Parse(AskForPeople("info registers"));

    private string AskForPeople(string command) => (string?)Ask(new JsonObject
    {
        ["execute"] = "human-monitor-command",
        ["arguments"] = new JsonObject { ["command-line"] = command },
    }) ?? "";

    // An answer is a text that ends with what we want, in hexadecimal.
    private static uint Number(string text, char separator) =>
        uint.Parse(text[(text.IndexOf(separator, StringComparison.Ordinal) + 1)..].Trim().AsSpan("0x".Length), NumberStyles.HexNumber,
            CultureInfo.InvariantCulture);

    private JsonNode? Ask(JsonObject question)
    {
        lock (asking)
        {
            commands.WriteLine(question.ToJsonString());
            commands.Flush();
            lock (gate)
            {
                while (answer is null && !qemuEnded)
                    Monitor.Wait(gate);
                JsonNode given = answer ?? throw new IOException("QEMU has ended.");
                answer = null;
                return given["return"];
            }
        }
    }

    private void Read()
    {
        try
        {
            for (string? line; (line = answers.ReadLine()) is not null;)
                Take(JsonNode.Parse(line)!);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or JsonException)
        {
            // Its last words were cut off.
        }
        lock (gate)
        {
            qemuEnded = true;
            Monitor.PulseAll(gate);
        }
    }

    private void Take(JsonNode message)
    {
        if ((string?)message["event"] == "BLOCK_IO_ERROR")
            diskRefused((string?)message["data"]?["device"] ?? "", (string?)message["data"]?["reason"] ?? "input or output failed");
        lock (gate)
        {
            if (message["return"] is not null || message["error"] is not null)
                answer = message;
            else if ((string?)message["event"] == "SHUTDOWN")
                machineEnded = true;
            Monitor.PulseAll(gate);
        }
    }
}
