using System.Text.Json;

namespace LilyVM.Cli.Containers;

/// <summary>
/// What an image says of how it is run: <c>config</c> of the OCI image configuration (github.com/opencontainers/image-spec, config.md).
/// </summary>
internal sealed record ImageConfiguration
{
    /// <summary>As the specification names it: amd64.</summary>
    internal string Architecture { get; private init; } = "";

    /// <summary>Variables, NAME=VALUE.</summary>
    internal IReadOnlyList<string> Environment { get; private init; } = [];

    /// <summary>The first words of every command.</summary>
    internal IReadOnlyList<string> Entrypoint { get; private init; } = [];

    /// <summary>The words behind them where the user gives none.</summary>
    internal IReadOnlyList<string> Command { get; private init; } = [];

    /// <summary>The folder to start in; empty for the root.</summary>
    internal string Directory { get; private init; } = "";

    /// <summary>USER[:GROUP], names or numbers; empty for root.</summary>
    internal string User { get; private init; } = "";

    /// <summary>The signal that asks its program to end, SIGTERM or 15; empty for SIGTERM.</summary>
    internal string StopSignal { get; private init; } = "";

    /// <summary>Reads it.</summary>
    /// <exception cref="LilyVMException">It is no such file.</exception>
    internal static ImageConfiguration Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            JsonElement config = root.TryGetProperty("config", out JsonElement found) ? found : default;
            return new ImageConfiguration
            {
                Architecture = Text(root, "architecture"),
                Environment = List(config, "Env"),
                Entrypoint = List(config, "Entrypoint"),
                Command = List(config, "Cmd"),
                Directory = Text(config, "WorkingDir"),
                User = Text(config, "User"),
                StopSignal = Text(config, "StopSignal"),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new LilyVMException("The image's configuration is not what OCI's specification says; make the image anew.", e);
        }
    }

    private static string Text(JsonElement parent, string name) => Member(parent, name) is { ValueKind: JsonValueKind.String } value
        ? value.GetString()!
        : "";

    private static List<string> List(JsonElement parent, string name) => Member(parent, name) is { ValueKind: JsonValueKind.Array } value
        ? [.. value.EnumerateArray().Select(v => v.GetString()!)]
        : [];

    private static JsonElement? Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) ? value : null;
}
