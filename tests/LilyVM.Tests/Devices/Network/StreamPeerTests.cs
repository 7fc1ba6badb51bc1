using System.Buffers.Binary;
using System.Net.Sockets;
using LilyVM.Devices.Network;
using LilyVM.Native;
using LilyVM.Tests.Devices.Virtio;
using Microsoft.Win32.SafeHandles;

namespace LilyVM.Tests.Devices.Network;

/// <summary>Frames behind their lengths, both ways, and what a hostile program at the other end may send.</summary>
public sealed class StreamPeerTests : IDisposable
{
    private const int MaxFrame = 65535;

    private readonly Socket other;
    private readonly StreamPeer peer;
    private int arrivals, rooms;

    public StreamPeerTests()
    {
        (SafeFileHandle one, SafeFileHandle two) = InheritedFile.Pair();
        other = Own(one);
        peer = new StreamPeer(Own(two), "The other", () => "The other is gone", MaxFrame);
        peer.Connect(() => Interlocked.Increment(ref arrivals), () => Interlocked.Increment(ref rooms));
    }

    public void Dispose()
    {
        peer.Dispose();
        other.Dispose();
    }

    [Fact]
    public void Frames_that_come_together_or_in_pieces_are_the_same_frames()
    {
        byte[] bytes = [.. Framed(60), .. Framed(1), .. Framed(MaxFrame), .. Framed(1500)];
        var sender = new Thread(() =>
        {
            for (int at = 0, step = 1; at < bytes.Length; at += step, step = step % 9973 * 3 + 1)
                other.Send(bytes.AsSpan(at, Math.Min(step, bytes.Length - at)));
        });
        sender.Start();
        Assert.Equal([60, 1, MaxFrame, 1500], Enumerable.Range(0, 4).Select(_ => Receive().Length));
        sender.Join();
        Assert.False(peer.TryPeek(out _));
        Assert.Null(peer.Failure);
    }

    [Fact]
    public void Who_waits_for_a_frame_is_told_when_something_comes()
    {
        Assert.False(peer.TryPeek(out _));
        int before = Volatile.Read(ref arrivals);
        other.Send(Framed(60));
        TestDriver.Wait(() => Volatile.Read(ref arrivals) > before);
        Assert.Equal(60, Receive().Length);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(4096u + 65536 + 1)]
    [InlineData(0x8000_0000u)]
    [InlineData(uint.MaxValue)]
    public void A_length_that_no_frame_has_ends_the_link(uint length)
    {
        byte[] number = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, length);
        other.Send([.. Framed(60), .. number, .. new byte[100]]);
        Assert.Equal(60, Receive().Length);
        Assert.False(peer.TryPeek(out _));
        Assert.Equal($"The other sent a frame of {length} bytes, which is nonsense, so the guest's network link is down.", peer.Failure);
        other.Send(Framed(60));
        Assert.False(peer.TryPeek(out _)); // and stays so
    }

    [Fact]
    public void A_frame_that_is_larger_than_the_card_s_is_dropped()
    {
        var sender = new Thread(() => other.Send([.. Framed(MaxFrame + 1), .. Framed(61)]));
        sender.Start();
        Assert.Equal(61, Receive().Length);
        sender.Join();
        Assert.Null(peer.Failure);
    }

    [Fact]
    public void What_is_added_goes_out_in_order_as_the_other_reads_it()
    {
        const int Frames = 100;
        int sent = 0;
        while (sent < Frames && peer.Room() is { IsEmpty: false } room) // until the socket and the buffer are full
        {
            room[..30_000].Fill((byte)sent++);
            peer.Add(30_000);
        }
        peer.Flush();
        Assert.InRange(sent, 10, Frames - 1);
        int before = Volatile.Read(ref rooms);
        byte[] read = new byte[30_004];
        int frames = 0;
        while (frames < Frames)
        {
            for (int at = 0; at < read.Length;)
                at += other.Receive(read.AsSpan(at));
            Assert.Equal((30_000, (byte)frames), (BinaryPrimitives.ReadInt32BigEndian(read), read[^1]));
            frames++;
            peer.Flush();
            if (sent < Frames && peer.Room() is { IsEmpty: false } more)
            {
                more[..30_000].Fill((byte)sent++);
                peer.Add(30_000);
                peer.Flush();
            }
        }
        TestDriver.Wait(() => Volatile.Read(ref rooms) > before);
    }

    [Fact]
    public void The_end_of_the_other_is_told_after_all_that_it_sent()
    {
        other.Send(Framed(60));
        other.Dispose();
        Assert.Equal(60, Receive().Length);
        Assert.False(peer.TryPeek(out _));
        Assert.Equal("The other is gone, so the guest's network link is down.", peer.Failure);
        Assert.False(peer.Room().IsEmpty); // a driver may go on
        peer.Add(60);
        peer.Flush();
    }

    [Fact]
    public void Writing_to_one_that_has_gone_ends_the_link_too()
    {
        other.Dispose();
        peer.Room()[..60].Clear();
        peer.Add(60);
        peer.Flush();
        Assert.Equal("The other is gone, so the guest's network link is down.", peer.Failure);
    }

    private static Socket Own(SafeFileHandle file)
    {
        var socket = new Socket(new SafeSocketHandle(file.DangerousGetHandle(), ownsHandle: true));
        file.SetHandleAsInvalid();
        return socket;
    }

    private static byte[] Framed(int length)
    {
        byte[] bytes = new byte[4 + length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        return bytes;
    }

    private byte[] Receive()
    {
        byte[] received = [];
        TestDriver.Wait(() =>
        {
            if (!peer.TryPeek(out ReadOnlySpan<byte> frame))
                return false;
            received = frame.ToArray();
            peer.Skip();
            return true;
        });
        return received;
    }
}
