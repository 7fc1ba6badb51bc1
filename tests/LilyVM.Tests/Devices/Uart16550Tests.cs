using System.Text;
using LilyVM.Devices;

namespace LilyVM.Tests.Devices;

public class Uart16550Tests
{
    private const uint Data = 0, Ier = 1, Iir = 2, Fcr = 2, Lcr = 3, Mcr = 4, Lsr = 5, Msr = 6, Scratch = 7;

    private readonly TestLine line = new();
    private readonly TestOutput output = new();
    private readonly Uart16550 uart;

    public Uart16550Tests() => uart = new Uart16550(line, output);

    [Fact]
    public void Prints_and_is_ready_again_at_once()
    {
        foreach (byte b in "hi\n"u8)
        {
            Assert.Equal(0x60u, In(Lsr));
            Out(Data, b);
        }
        Assert.Equal("hi\n", output.Text);
        Assert.False(line.Level);
    }

    // The steps of autoconfig() in Linux's drivers/tty/serial/8250/8250_port.c.
    [Fact]
    public void Linux_finds_a_16550A()
    {
        Out(Ier, 0);
        Assert.Equal(0u, In(Ier) & 0xF);
        Out(Ier, 0xF);
        Assert.Equal(0xFu, In(Ier) & 0xF);
        Out(Ier, 0);
        Out(Mcr, 0x1A); // loopback with RTS and OUT2
        Assert.Equal(0x90u, In(Msr) & 0xF0);
        Out(Mcr, 0);
        Out(Lcr, 0xBF);
        Out(2, 0); // EFR of other chips
        Out(Lcr, 0);
        Out(Fcr, 1);
        Assert.Equal(3u, In(Iir) >> 6); // FIFOs that work
        Out(Fcr, 0x21);
        Assert.Equal(6u, In(Iir) >> 5); // no 64-byte FIFO: not a 16750
        Out(Ier, 0x40);
        Assert.Equal(0u, In(Ier) & 0x40); // not an XScale
        Out(Fcr, 0);
        Assert.Equal(0u, In(Iir) >> 6);
    }

    [Fact]
    public void The_transmitter_interrupt_is_cleared_by_reading_IIR_and_raised_by_writing()
    {
        Out(Ier, 2);
        Assert.True(line.Level); // enabling asks at once: Linux's TXEN test
        Assert.Equal(2u, In(Iir) & 0xF);
        Assert.False(line.Level);
        Assert.Equal(1u, In(Iir) & 0xF);
        Out(Data, 'x');
        Assert.True(line.Level);
        Assert.Equal(2u, In(Iir) & 0xF);
        Out(Ier, 2);
        Assert.False(line.Level); // was enabled already
        Out(Ier, 0);
        Out(Ier, 2);
        Assert.Equal(2u, In(Iir) & 0xF); // Linux's THRE test: enabling asks again
        Out(Data, 'y');
        Out(Ier, 0);
        Assert.False(line.Level);
    }

    [Fact]
    public void A_batch_of_writes_makes_one_edge()
    {
        Out(Ier, 2);
        In(Iir);
        int before = line.Rises;
        for (int i = 0; i < 16; i++)
            Out(Data, (uint)('a' + i));
        Assert.Equal(before + 1, line.Rises);
        Assert.Equal("abcdefghijklmnop", output.Text);
    }

    [Fact]
    public void Input_waits_until_the_guest_asserts_RTS()
    {
        uart.Receive("ls\n"u8);
        Out(Fcr, 7);
        Assert.Equal(0u, In(Lsr) & 1);
        Assert.Equal(0u, In(Data));
        Out(Mcr, 3);
        Assert.Equal("ls\n", ReadAll());
    }

    [Theory]
    [InlineData(0x01u, 1)]
    [InlineData(0x41u, 4)]
    [InlineData(0x81u, 8)]
    [InlineData(0xC1u, 14)]
    public void Received_bytes_ask_as_timeout_below_the_trigger_level(uint fcr, int level)
    {
        Out(Mcr, 2);
        Out(Fcr, fcr);
        Out(Ier, 1);
        for (int i = 1; i <= 16; i++)
        {
            uart.Receive([(byte)i]);
            Assert.Equal(i >= level ? 4u : 12u, In(Iir) & 0xF);
        }
        Assert.True(line.Level);
        Assert.Equal(16, ReadAll().Length);
        Assert.False(line.Level);
    }

    [Fact]
    public void Much_input_passes_in_order_through_either_FIFO()
    {
        string text = string.Concat(Enumerable.Range(0, 300).Select(i => $"{i} "));
        Out(Mcr, 2);
        uart.Receive(Encoding.ASCII.GetBytes(text).AsSpan(..500));
        var read = new StringBuilder();
        for (int i = 0; i < 100; i++)
            read.Append((char)In(Data));
        Assert.Equal(1u, In(Iir) & 1); // not enabled
        Out(Fcr, 1); // switching throws away what is in the FIFO, here one byte
        uart.Receive(Encoding.ASCII.GetBytes(text).AsSpan(500..));
        Assert.Equal(text, read.ToString() + text[100] + ReadAll());
    }

    [Fact]
    public void Any_thread_may_send_input()
    {
        Out(Mcr, 2);
        Out(Fcr, 1);
        var threads = Enumerable.Range(0, 4).Select(n => new Thread(() =>
        {
            for (int i = 0; i < 1000; i++)
                uart.Receive([(byte)n, (byte)n]);
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        string all = ReadAll();
        Assert.Equal([2000, 2000, 2000, 2000], Enumerable.Range(0, 4).Select(n => all.Count(c => c == n)));
    }

    [Fact]
    public void A_guest_that_does_not_read_lets_who_types_wait()
    {
        Out(Mcr, 2);
        Out(Fcr, 1);
        var typist = new Thread(() => uart.Receive(new byte[InputQueue.Limit + 17]));
        typist.Start();
        // The FIFO and the queue are full and one byte is left: only then does the typist wait, however long it took to get there.
        Assert.True(SpinWait.SpinUntil(() => typist.ThreadState.HasFlag(ThreadState.WaitSleepJoin), TimeSpan.FromMinutes(1)));
        for (int i = 0; i < 16; i++)
            In(Data); // a burst, and without a look at LSR or IIR the next one begins
        typist.Join();
    }

    // serial8250_interrupt() in Linux's drivers/tty/serial/8250/8250_core.c: without an end it would stop at some byte, with no edge to
    // come.
    [Theory]
    [InlineData(1u)] // FIFOs
    [InlineData(0u)]
    public void A_driver_that_asks_IIR_until_nothing_is_pending_finds_ends_and_edges_in_much_input(uint fcr)
    {
        Out(Mcr, 2);
        Out(Fcr, fcr);
        Out(Ier, 1);
        uart.Receive(new byte[1000]);
        int taken = 0, interrupts = 0;
        for (int seen = 0; seen != line.Rises; interrupts++)
        {
            seen = line.Rises;
            for (int pass = 0; pass < 20 && (In(Iir) & 1) == 0; pass++)
            {
                for (; (In(Lsr) & 1) != 0 && taken < 1000; taken++)
                    In(Data);
            }
        }
        Assert.Equal(1000, taken);
        Assert.False(line.Level);
        Assert.Equal(fcr == 0 ? 2 : 63, interrupts); // 1000 / 16, rounded up; without FIFO the last of many edges is left
    }

    [Fact]
    public void A_driver_that_asks_LSR_only_or_nothing_gets_an_edge_for_each_burst()
    {
        Out(Mcr, 2);
        Out(Fcr, 1);
        Out(Ier, 1);
        uart.Receive(new byte[48]);
        for (int burst = 1; burst <= 2; burst++)
        {
            Assert.Equal((burst, true), (line.Rises, line.Level));
            for (int i = 0; i < 16; i++)
                In(Data);
            Assert.Equal((burst == 1 ? 2 : 3, true), (line.Rises, line.Level));
        }
        while ((In(Lsr) & 1) != 0)
            In(Data);
        Assert.Equal((3, false), (line.Rises, line.Level));
        uart.Receive(new byte[20]);
        while ((In(Lsr) & 1) != 0)
            In(Data);
        Assert.Equal((5, true), (line.Rises, line.Level)); // the last look at LSR let the other four come
    }

    [Fact]
    public void The_divisor_hides_data_and_interrupt_enable()
    {
        Out(Ier, 5);
        Out(Lcr, 0x83);
        Out(0, 0x34);
        Out(1, 0x12);
        Assert.Equal((0x34u, 0x12u), (In(0), In(1)));
        Out(Lcr, 3);
        Assert.Equal(5u, In(Ier));
        Assert.Equal("", output.Text);
    }

    [Fact]
    public void Loopback_returns_bytes_and_keeps_them_inside()
    {
        Out(Mcr, 0x12);
        uart.Receive("outside"u8);
        Out(Fcr, 1);
        foreach (byte b in "loop"u8)
            Out(Data, b);
        Assert.Equal("loop", ReadAll());
        Assert.Equal("", output.Text);
        Out(Mcr, 2);
        Assert.Equal("outside", ReadAll());
    }

    [Fact]
    public void Without_FIFO_a_byte_that_nobody_read_is_replaced()
    {
        Out(Mcr, 0x10);
        Out(Data, 1);
        Assert.Equal(0x61u, In(Lsr));
        Out(Data, 2);
        Out(Data, 3);
        Assert.Equal((0x63u, 0x61u), (In(Lsr), In(Lsr))); // reading it clears OE
        Assert.Equal((3u, 0x60u), (In(Data), In(Lsr)));
    }

    [Fact]
    public void A_full_FIFO_keeps_what_it_has()
    {
        Out(Mcr, 0x10);
        Out(Fcr, 0xC1);
        for (uint i = 1; i <= 16; i++)
            Out(Data, i);
        Assert.Equal(0x61u, In(Lsr)); // beyond the trigger level is no overrun
        Out(Ier, 4);
        Assert.False(line.Level);
        Out(Data, 17);
        Assert.True(line.Level);
        Assert.Equal(6u, In(Iir) & 0xF);
        Out(Fcr, 0xC3); // throwing away what is in the FIFO leaves OE
        Assert.Equal(0x62u, In(Lsr));
        Assert.False(line.Level);
        for (uint i = 1; i <= 17; i++)
            Out(Data, i);
        Assert.Equal(1u, In(Data));
        Out(Data, 18);
        Assert.Equal([.. Enumerable.Range(2, 15).Select(i => (char)i), (char)18], ReadAll());
    }

    [Fact]
    public void Input_from_outside_waits_and_never_overruns()
    {
        Out(Mcr, 2);
        uart.Receive("abc"u8);
        Assert.Equal(0x61u, In(Lsr));
        Assert.Equal("abc", ReadAll());
        Out(Fcr, 1);
        uart.Receive(new byte[100]);
        Assert.Equal((0x61u, 100), (In(Lsr), ReadAll().Length));
    }

    [Fact]
    public void Loopback_overruns_and_line_status_comes_first()
    {
        Out(Mcr, 0x10);
        Out(Ier, 0xF);
        In(Msr);
        Out(Data, 1);
        Out(Data, 2); // no FIFO: one byte fits
        Assert.Equal(6u, In(Iir) & 0xF);
        Assert.Equal(0x63u, In(Lsr));
        Assert.Equal(4u, In(Iir) & 0xF);
        Assert.Equal(2u, In(Data));
        Assert.Equal(2u, In(Iir) & 0xF);
        Out(Mcr, 0x1F);
        Assert.Equal(0u, In(Iir) & 0xF); // modem status, last
        Assert.Equal(0xFBu, In(Msr)); // RI reports only its end
        Assert.Equal(0xF0u, In(Msr));
        Assert.False(line.Level);
        Out(Mcr, 0x10);
        Assert.Equal(0x0Fu, In(Msr));
    }

    [Fact]
    public void Scratch_keeps_a_byte_and_wide_accesses_go_byte_by_byte()
    {
        Out(Scratch, 0xA5);
        Assert.Equal(0xA5u, In(Scratch));
        Assert.Equal(0xFFFF_FFA5u, uart.Read(7, 4));
        uart.Write(Lcr, 2, 0x0203); // LCR and MCR
        Assert.Equal((3u, 2u), (In(Lcr), In(Mcr)));
        uart.Write(8, 1, 0);
        uart.Write(Lsr, 2, 0);
        Assert.Equal((0xFFu, 0x60u, 0xB0u), (In(8), In(Lsr), In(Msr)));
    }

    private uint In(uint register) => uart.Read(register, 1);

    private void Out(uint register, uint value) => uart.Write(register, 1, value);

    private string ReadAll()
    {
        var text = new StringBuilder();
        for (int idle = 0; idle < 3; idle++)
        {
            for (; (In(Lsr) & 1) != 0; idle = 0)
                text.Append((char)In(Data));
        }
        return text.ToString();
    }
}
