using System.Text;
using System.Text.Json;

namespace LilyVM.Assembler.Statistics;

/// <summary>Counts of one input, or the sum of many.</summary>
public sealed class ConversionStatistics
{
    /// <summary>The input, or the object file it was assembled into.</summary>
    public string File { get; init; } = "";

    /// <summary>Lines read.</summary>
    public long Lines { get; set; }

    /// <summary>Rewritten instructions by mnemonic.</summary>
    public SortedDictionary<string, int> Rewritten { get; } = new(StringComparer.Ordinal);

    /// <summary>How many of the rewritten ones became inline forms.</summary>
    public int Inline { get; set; }

    /// <summary>Instructions that passed on purpose, by mnemonic and reason.</summary>
    public SortedDictionary<(string Mnemonic, string Reason), int> LeftAlone { get; } = [];

    /// <summary>Sum of <see cref="Rewritten"/>.</summary>
    public int RewrittenTotal => Rewritten.Values.Sum();

    /// <summary>Counts a rewritten instruction.</summary>
    public void CountRewritten(string mnemonic) => Rewritten[mnemonic] = Rewritten.GetValueOrDefault(mnemonic) + 1;

    /// <summary>Counts an instruction that was left alone.</summary>
    public void CountLeftAlone(string mnemonic, string reason) => LeftAlone[(mnemonic, reason)] =
        LeftAlone.GetValueOrDefault((mnemonic, reason)) + 1;

    /// <summary>Adds another input's counts.</summary>
    public void Add(ConversionStatistics other)
    {
        Lines += other.Lines;
        Inline += other.Inline;
        foreach ((string mnemonic, int count) in other.Rewritten)
            Rewritten[mnemonic] = Rewritten.GetValueOrDefault(mnemonic) + count;
        foreach (((string, string) key, int count) in other.LeftAlone)
            LeftAlone[key] = LeftAlone.GetValueOrDefault(key) + count;
    }

    /// <summary>One line of JSON: <c>{"file","lines","inline","rewritten":{..},"leftAlone":[{"mnemonic","reason","count"}]}</c>.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("file", File);
            json.WriteNumber("lines", Lines);
            json.WriteNumber("inline", Inline);
            json.WriteStartObject("rewritten");
            foreach ((string mnemonic, int count) in Rewritten)
                json.WriteNumber(mnemonic, count);
            json.WriteEndObject();
            json.WriteStartArray("leftAlone");
            foreach (((string mnemonic, string reason), int count) in LeftAlone)
            {
                json.WriteStartObject();
                json.WriteString("mnemonic", mnemonic);
                json.WriteString("reason", reason);
                json.WriteNumber("count", count);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The line is something else.</exception>
    public static ConversionStatistics FromJson(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        try
        {
            var result = new ConversionStatistics
            {
                File = root.GetProperty("file").GetString()!,
                Lines = root.GetProperty("lines").GetInt64(),
                Inline = root.GetProperty("inline").GetInt32(),
            };
            foreach (JsonProperty count in root.GetProperty("rewritten").EnumerateObject())
                result.Rewritten[count.Name] = count.Value.GetInt32();
            foreach (JsonElement left in root.GetProperty("leftAlone").EnumerateArray())
                result.LeftAlone[(left.GetProperty("mnemonic").GetString()!, left.GetProperty("reason").GetString()!)] =
                    left.GetProperty("count").GetInt32();
            return result;
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException("not a statistics line of lily-as", e);
        }
    }
}
