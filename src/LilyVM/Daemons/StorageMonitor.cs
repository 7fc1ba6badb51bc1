using System.Text.Json;
using System.Text.Json.Nodes;

namespace LilyVM.Daemons;

/// <summary>
/// The monitor of qemu-storage-daemon on its standard streams (QMP): one JSON object a line, a command and its answer, events in between.
/// One thread at a time.
/// </summary>
internal sealed class StorageMonitor
{
    private readonly TextWriter commands;
    private readonly TextReader answers;

    /// <summary>Begins.</summary>
    internal StorageMonitor(TextWriter commands, TextReader answers)
    {
        this.commands = commands;
        this.answers = answers;
        Ask("qmp_capabilities");
    }

    /// <summary>Carries out a command, and gives what it returns.</summary>
    /// <exception cref="StorageException">It fails, or the daemon has ended.</exception>
    internal JsonNode? Ask(string command, JsonObject? arguments = null)
    {
        var question = new JsonObject { ["execute"] = command };
        if (arguments is not null)
            question["arguments"] = arguments;
        try
        {
            commands.WriteLine(question.ToJsonString());
            commands.Flush();
            while (answers.ReadLine() is { } line)
            {
                JsonNode message = JsonNode.Parse(line)!;
                if (message["error"] is { } error)
                    throw new StorageException((string?)error["desc"] ?? "it gave no reason");
                if (message["return"] is { } result)
                    return result;
            }
        }
        catch (Exception e) when (e is IOException or JsonException or ObjectDisposedException)
        {
            // The daemon ended, with its last words cut off.
        }
        throw new StorageException(null);
    }
}

/// <summary>What qemu-storage-daemon refuses, in its words; null if it has ended.</summary>
internal sealed class StorageException(string? words) : Exception(words)
{
    /// <summary>Its words.</summary>
    internal string? Words { get; } = words;
}
