using System.Text;
using CsCheck;
using LilyVM.Cli.Terminal;
using LilyVM.Engines;
using LilyVM.Tests.Machine;

namespace LilyVM.Tests.Cli;

public sealed class TerminalTests : MachineFixtureTest
{
    [Theory]
    [InlineData("ab\u0003", "ab\u0003", "")]
    [InlineData("\u0001x", "", "End")]
    [InlineData("\u0001c\u0001h", "", "Monitor Help")]
    [InlineData("\u0001a\u0001\u0001b", "\u0001\u0001b", "")]
    [InlineData("\u0001zz", "z", "")]
    public void Control_A_and_a_letter_is_for_us_and_all_else_for_the_guest(string typed, string sent, string actions)
    {
        var keys = new EscapeKeys();
        var toGuest = new StringBuilder();
        List<KeyAction> ours = [];
        foreach (char key in typed)
        {
            KeyAction action = keys.Next((byte)key, out byte byteToSend);
            if (action == KeyAction.Send)
                toGuest.Append((char)byteToSend);
            else if (action != KeyAction.Wait)
                ours.Add(action);
        }
        Assert.Equal((sent, actions), (toGuest.ToString(), string.Join(' ', ours)));
    }

    [Fact]
    public async Task The_monitor_shows_and_holds_a_machine()
    {
        using var machine = new VirtualMachine(Fixture.Options(_ => [.. Enumerable.Repeat(ScriptedEngine.Compute, 12)]));
        Task<MachineResult> run = machine.RunAsync(TestContext.Current.CancellationToken);
        using var output = new StringWriter { NewLine = "\n" };
        var monitor = new LilyVM.Cli.Terminal.Monitor(machine, output);
        string Execute(string command, bool stays = true)
        {
            output.GetStringBuilder().Clear();
            Assert.Equal(stays, monitor.Execute(command));
            return output.ToString();
        }

        Assert.Equal("exits          12,345\n", Execute("counters"));
        Assert.Equal(
            "eax=00000001 ecx=00000002 edx=00000003 ebx=00000004 esp=00000005 ebp=00000006 esi=00000007 edi=00000008\n" +
            "eip=c0100000 eflags=00000202 cs=00000060\ncr0=80010000 cr2=00000000 cr3=00005000 cr4=00000010\n",
            Execute("r"));
        Assert.False(machine.IsPaused); // it was held for the registers only
        Execute("pause");
        Assert.True(machine.IsPaused);
        Execute("registers");
        Assert.True(machine.IsPaused);
        Assert.Equal("'co' may be counters or continue.\n", Execute("co"));
        Assert.Equal("'what?' is no command; help lists them.\n", Execute("what?"));
        Assert.Equal("'puase' is no command, perhaps pause is meant; help lists them.\n", Execute("puase"));
        Execute("stop"); // QEMU's words
        Assert.True(machine.IsPaused);
        Execute("c", stays: false);
        Assert.False(machine.IsPaused);
        Execute("stop");
        Execute("cont", stays: false);
        Assert.False(machine.IsPaused);
        Assert.Equal(Execute("registers"), Execute("info registers"));
        Assert.StartsWith("counters ", Execute("help"), StringComparison.Ordinal);
        Assert.Equal(Execute("help"), Execute(""));
        Assert.All(MonitorCommands.All,
            c => Assert.All(c.Others.Append(c.Name), word => Assert.Equal([c.Name], MonitorCommands.Meant(word))));
        Execute("continue", stays: false);
        Assert.False(machine.IsPaused);
        Execute("quit", stays: false);
        Assert.Equal(MachineEnd.Stopped, (await run).End);
    }

    [Theory]
    [InlineData("hello\n\0status 7\n", "hello\n", 7)]
    [InlineData("\0status 255\n", "", 255)]
    [InlineData("no end", "no end", null)]
    [InlineData("a\0b\0status 1\nmore", "a\0b\0status 1\nmore", null)]
    [InlineData("\0\0status 0\n", "\0", 0)]
    [InlineData("\0status 1234\n", "\0status 1234\n", null)]
    [InlineData("\0status 1\n\0status 2\n", "\0status 1\n", 2)]
    public void A_script_s_status_is_what_its_output_ends_with(string printed, string shown, int? status)
    {
        var output = new MachineFixture.Printed();
        var script = new ScriptOutput(output);
        foreach (byte b in Encoding.Latin1.GetBytes(printed)) // as it comes from a serial port
            script.Write([b]);
        Assert.Equal((shown, status), (output.ToString(), script.Status));
    }

    [Fact]
    public void Any_output_of_a_script_comes_through() =>
        Gen.Select(Gen.Int[0, 8].Select(i => "\0statu 1\n"u8[i]).Array[0, 40], Gen.Byte).Sample((bytes, status) =>
        {
            var output = new MachineFixture.Printed();
            var script = new ScriptOutput(output);
            script.Write([.. bytes, .. Encoding.ASCII.GetBytes($"\0status {status}\n")]);
            return script.Status == status && output.ToString() == Encoding.Latin1.GetString(bytes);
        });

    [Fact]
    public void The_last_output_is_kept()
    {
        var last = new LastOutput();
        last.Write(Encoding.ASCII.GetBytes(new string('x', 20_000) + "end\r\n"));
        string text = last.ToString();
        Assert.EndsWith("xend\n", text, StringComparison.Ordinal);
        Assert.Equal(16 * 1024 - 1, text.Length);
    }

    [Fact]
    public void Counters_are_a_table_or_JSON()
    {
        using var output = new StringWriter { NewLine = "\n" };
        CounterOutput.WriteTable(output, [new Counter("port-exits", 1), new Counter("hlt", 23456)]);
        Assert.Equal("port-exits               1\nhlt                 23,456\n", output.ToString());
        output.GetStringBuilder().Clear();
        CounterOutput.WriteJson(output, [new Counter("port-exits", 1)]);
        Assert.Equal(1, System.Text.Json.JsonDocument.Parse(output.ToString()).RootElement.GetProperty("port-exits").GetInt32());
    }
}
