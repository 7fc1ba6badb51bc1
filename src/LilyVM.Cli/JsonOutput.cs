using System.Text;
using System.Text.Json;

namespace LilyVM.Cli;

/// <summary>Writes indented JSON to a text writer.</summary>
internal static class JsonOutput
{
    internal static void Write(TextWriter output, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
            write(json);
        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
