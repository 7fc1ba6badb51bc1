using System.Text;
using LilyVM.Devices;

namespace LilyVM.Tests.Devices;

public sealed class ConsoleOutputTests : IDisposable
{
    private readonly TestTime time = new(DateTimeOffset.UnixEpoch);
    private readonly CountingStream stream = new();
    private readonly BufferedConsoleOutput output;

    public ConsoleOutputTests() => output = new BufferedConsoleOutput(stream, time);

    public void Dispose()
    {
        output.Dispose();
        stream.Dispose();
    }

    [Fact]
    public void Single_bytes_become_one_write_after_a_short_wait()
    {
        foreach (byte b in "Linux version\r\n"u8)
            output.Write([b]);
        Assert.Equal(0, stream.Writes);
        Assert.Equal(1, time.Fire());
        Assert.Equal((1, "Linux version\r\n"), (stream.Writes, stream.Text));
        Assert.Equal(0, time.Fire()); // nothing waits, no timer runs
    }

    [Fact]
    public void A_flood_passes_in_large_pieces_and_keeps_its_order()
    {
        string text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i}\n"));
        output.Write(Encoding.ASCII.GetBytes(text));
        output.Flush();
        Assert.Equal(text, stream.Text);
        Assert.InRange(stream.Writes, 1, text.Length / 16_384 + 1);
    }

    [Fact]
    public void The_end_flushes()
    {
        output.Write("bye"u8);
        output.Dispose();
        Assert.Equal("bye", stream.Text);
    }

    [Fact]
    public void A_closed_pipe_disturbs_nobody()
    {
        stream.Broken = true;
        output.Write("a"u8);
        output.Flush();
        stream.Broken = false;
        output.Write("b"u8);
        output.Flush();
        Assert.Equal("", stream.Text);
    }

    private sealed class CountingStream : MemoryStream
    {
        public int Writes { get; private set; }

        public bool Broken { get; set; }

        public string Text => Encoding.ASCII.GetString(ToArray());

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Broken)
                throw new IOException("Broken pipe");
            Writes++;
            base.Write(buffer, offset, count);
        }
    }
}
