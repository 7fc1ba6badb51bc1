using LilyVM.Devices;

namespace LilyVM.Tests.Devices;

public class InputQueueTests
{
    private readonly InputQueue queue = new();

    [Fact]
    public void Holds_a_limited_number_of_bytes_and_lets_who_adds_more_wait()
    {
        byte[] much = new byte[InputQueue.Limit + 2];
        much[^1] = 9;
        int first = queue.Add(much);
        Assert.Equal(InputQueue.Limit, first);
        Assert.False(queue.TryAdd("x"u8));
        int second = 0;
        var adder = new Thread(() =>
        {
            for (int at = first; at < much.Length; second++)
                at += queue.Add(much.AsSpan(at));
        });
        adder.Start();
        Assert.True(queue.TryDequeue(out _));
        Assert.True(queue.TryDequeue(out _));
        adder.Join();
        Assert.Equal(InputQueue.Limit, queue.Count);
        Assert.InRange(second, 1, 2);
        byte[] all = new byte[InputQueue.Limit];
        Assert.Equal(all.Length, queue.Take(all));
        Assert.Equal(9, all[^1]);
        Assert.False(queue.TryDequeue(out _));
        Assert.True(queue.TryAdd("x"u8));
    }

    [Fact]
    public void Closing_lets_nobody_wait()
    {
        queue.Add(new byte[InputQueue.Limit]);
        var adder = new Thread(() => Assert.Equal(5, queue.Add(new byte[5])));
        adder.Start();
        queue.Close();
        adder.Join();
        Assert.Equal((0, 0, 3), (queue.Count, queue.Take(new byte[5]), queue.Add(new byte[3])));
        Assert.False(queue.TryAdd("x"u8));
    }

    [Fact]
    public void Who_takes_waits_for_bytes()
    {
        byte[] taken = new byte[5];
        int count = 0;
        var taker = new Thread(() => count = queue.Take(taken));
        taker.Start();
        queue.Add("ab"u8);
        taker.Join();
        Assert.Equal((2, (byte)'a', (byte)'b'), (count, taken[0], taken[1]));
    }
}
