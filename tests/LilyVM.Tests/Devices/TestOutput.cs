using System.Text;
using LilyVM.Devices;

namespace LilyVM.Tests.Devices;

/// <summary>A console that keeps what it gets.</summary>
internal sealed class TestOutput : IConsoleOutput
{
    private readonly StringBuilder text = new();

    public string Text
    {
        get { lock (text) return text.ToString(); }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (text)
            text.Append(Encoding.Latin1.GetString(bytes));
    }
}
