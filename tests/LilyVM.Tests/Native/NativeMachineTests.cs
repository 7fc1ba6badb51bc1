using LilyVM.Devices;
using LilyVM.Engines;
using LilyVM.Native;
using LilyVM.Tests.Machine;
using LilyVM.Tests.Recipes;

namespace LilyVM.Tests.Native;

/// <summary>The bare machine that QEMU emulates: it ends, is held and takes input as the machines of the engines do.</summary>
public sealed class NativeMachineTests : IDisposable
{
    private const long Memory = 64 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60); // ends a test that hangs

    private readonly ScratchFolder folder = new();
    private readonly MachineFixture.Printed printed = new();
    private readonly MachineConsole console;

    public NativeMachineTests() => console = new MachineConsole(printed);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData('q', MachineEnd.TestExit, 7)]
    [InlineData('h', MachineEnd.PowerOff, 0)]
    [InlineData('c', MachineEnd.Restart, 0)]
    [InlineData('w', MachineEnd.Panic, MachineResult.FailureStatus)]
    [InlineData('f', MachineEnd.TripleFault, MachineResult.FailureStatus)]
    public async Task It_ends_as_an_engine_s_machine_does(char key, MachineEnd end, int status)
    {
        console.Type("typed early, "u8); // what the guest does not listen to yet must not be lost in a FIFO
        using NativeMachine machine = Typist();
        Task<MachineResult> run = machine.RunAsync(TestContext.Current.CancellationToken);
        WaitFor("ready\ntyped early, ");
        console.Type([(byte)'x', (byte)key]);
        MachineResult result = await run;
        Assert.Equal((end, status), (result.End, result.ExitStatus));
        Assert.Equal(end == MachineEnd.TripleFault, result.TripleFault is { Cs: 0x10, Vectors: [] });
        Assert.Equal("ready\ntyped early, x", printed.ToString());
    }

    [Fact]
    public void What_the_host_refuses_an_image_is_told_once_for_each()
    {
        var told = new List<string>();
        var warnings = new DiskWarnings(new QemuBoot
        {
            Kernel = "",
            Drives = [new QemuDrive("/a"), new QemuDrive("/b", KeepWrites: false)],
            Warning = told.Add,
        });
        foreach (string drive in (string[])["disk1", "disk0", "disk1", "disk0"])
            warnings.Refused(drive, drive == "disk0" ? "Input/output error" : "No space left on device");
        Assert.Equal(
            [
                "The host refused the snapshot of /b something: No space left on device; the guest gets I/O errors until there is room.",
                "The host refused the disk image /a something: Input/output error; the guest gets I/O errors.",
            ],
            told);
    }

    [Fact]
    public async Task It_can_be_held_looked_at_and_stopped()
    {
        using NativeMachine machine = Typist();
        machine.Pause(); // before it runs: it does not start
        Task<MachineResult> run = machine.RunAsync(TestContext.Current.CancellationToken);
        Assert.True(machine.IsPaused);
        machine.Resume();
        WaitFor("ready\n");
        machine.Pause();
        Registers registers = machine.ReadRegisters();
        Assert.Equal((0x10u, 1ul), (registers.Cs, registers.Control[0] & 1));
        Assert.Equal(registers.Ip, machine.ReadRegisters().Ip);
        machine.Resume();
        machine.Stop();
        MachineResult result = await run;
        Assert.Equal((MachineEnd.Stopped, MachineResult.StoppedStatus), (result.End, result.ExitStatus));
        await Assert.ThrowsAsync<InvalidOperationException>(() => machine.RunAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Cancelling_or_disposing_of_it_ends_it()
    {
        using var cancellation = new CancellationTokenSource();
        using (NativeMachine machine = Typist())
        {
            Task<MachineResult> run = machine.RunAsync(cancellation.Token);
            await cancellation.CancelAsync();
            Assert.Equal(MachineEnd.Stopped, (await run).End);
        }
        NativeMachine disposed = Typist(new MachineConsole(printed));
        Task<MachineResult> last = disposed.RunAsync(TestContext.Current.CancellationToken);
        disposed.Dispose();
        Assert.Equal(MachineEnd.Stopped, (await last).End);
    }

    [Fact]
    public async Task A_guest_that_does_not_listen_lets_who_types_wait()
    {
        using NativeMachine machine = Typist(listens: false);
        Task<MachineResult> run = machine.RunAsync(TestContext.Current.CancellationToken);
        Task typing = Task.Run(() => console.Type(new byte[4 * InputQueue.Limit]), TestContext.Current.CancellationToken);
        WaitFor("ready\n");
        Assert.True(SpinWait.SpinUntil(() => console.Input.Count == InputQueue.Limit, Limit));
        Assert.False(typing.IsCompleted);
        machine.Stop();
        await run;
        await typing; // nobody will read it any more
    }

    [Fact]
    public async Task Much_input_arrives_whole()
    {
        string text = string.Concat(Enumerable.Range(1000, 4000).Select(i => $"{i} ")); // 20,000 bytes
        using NativeMachine machine = Typist();
        Task<MachineResult> run = machine.RunAsync(TestContext.Current.CancellationToken);
        console.Type(System.Text.Encoding.ASCII.GetBytes(text + "q"));
        Assert.Equal(7, (await run).ExitStatus);
        Assert.Equal("ready\n" + text, printed.ToString());
    }

    [Fact]
    public async Task Names_may_hold_colons_commas_and_blanks()
    {
        string odd = folder["a:b, c"], disk = Path.Combine(odd, "disk:1,2");
        Directory.CreateDirectory(odd);
        await File.WriteAllBytesAsync(disk, new byte[512], TestContext.Current.CancellationToken);
        string kernel = Path.Combine(odd, "kernel:x,y"), initrd = Path.Combine(odd, "initrd:x,y");
        await File.WriteAllBytesAsync(kernel, TypistGuest.Build(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(initrd, "RAM disk", TestContext.Current.CancellationToken);
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, disk);
        var boot = new QemuBoot
        {
            Kernel = kernel,
            AllowUnconverted = true,
            Initrd = initrd,
            Drives = [new QemuDrive(relative, ReadOnly: true)],
            MemoryBytes = Memory
        };
        using var machine = new NativeMachine(boot, console);
        console.Type("q"u8);
        Assert.Equal(7, (await machine.RunAsync(TestContext.Current.CancellationToken)).ExitStatus);
    }

    [Fact]
    public async Task What_QEMU_refuses_is_one_sentence()
    {
        string disk = folder.Write("disk", new string('x', 512));
        // QEMU locks images.
        var boot = new QemuBoot { Kernel = Kernel(), AllowUnconverted = true, Drives = [new(disk), new(disk)], MemoryBytes = Memory };
        using var machine = new NativeMachine(boot, console);
        var error = await Assert.ThrowsAsync<LilyVMException>(() => machine.RunAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith("qemu-system-i386 cannot run this machine: ", error.Message, StringComparison.Ordinal);
        var tooMuch = Assert.Throws<LilyVMException>(() => new NativeMachine(boot with { MemoryBytes = 2L << 30 },
            new MachineConsole(printed)));
        Assert.Equal("2048 MiB of memory are more than the machine of QEMU has; give the guest at most 1016M.", tooMuch.Message);
    }

    [Theory]
    [InlineData(0x246u, 1, false)]
    [InlineData(0x46u, 1, true)]
    [InlineData(0x46u, 0, false)]
    public void A_processor_that_nothing_wakes_is_dead(uint flags, int halted, bool dead)
    {
        string text = $"\r\nCPU#0\r\nEAX=00000001 EBX=00000004\r\nEIP=0010003e EFL={flags:x8} [---Z-P-] CPL=0 II=0 A20=1 SMM=0 " +
            $"HLT={halted}\r\n" +
            "CS =0010 00000000 ffffffff 00cf9b00 DPL=0 CS32 [-RA]\r\nCR0=80010011 CR2=00000000 CR3=00005000 CR4=00000010\r\n" +
            "FPR0=ffffffffffffffff 0000 FPR1=0000000000000000 0000\r\nXMM00=ffffffffffffffffffffffffffffffff\r\n";
        QemuRegisters registers = QemuRegisters.Parse(text);
        Assert.Equal(dead, registers.IsDead);
        Assert.Equal((0x10003Eul, 0x10u, 4ul), (registers.Registers.Ip, registers.Registers.Cs, registers.Registers.General[3]));
        Assert.Equal([0x80010011ul, 0ul, 0x5000ul, 0x10ul], registers.Registers.Control);
    }

    [Fact]
    public void Registers_of_long_mode_are_read()
    {
        const string Text = "RAX=0000000041000000 RBX=0000000000000004 RCX=0 RDX=0\r\nR8 =0000000000000008 R9 =0000000000000009 " +
            "R15=000000000000000f\r\n" +
            "RIP=0000400000100040 RFL=00000046 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1\r\nCS =0010 0000000000000000 ffffffff 00af9b00\r\n" +
            "CR0=80050033 CR2=00007f0000000000 CR3=0000000000005000 CR4=000000a0\r\n";
        QemuRegisters read = QemuRegisters.Parse(Text);
        Assert.True(read.IsDead);
        Assert.Equal((64, 0x4000_0010_0040ul, 0x10u), (read.Registers.Bits, read.Registers.Ip, read.Registers.Cs));
        Assert.Equal((0x4100_0000ul, 8ul, 15ul), (read.Registers.General[0], read.Registers.General[8], read.Registers.General[15]));
        Assert.Equal([0x8005_0033ul, 0x7F00_0000_0000ul, 0x5000ul, 0xA0ul], read.Registers.Control);
    }

    private string Kernel(bool listens = true)
    {
        File.WriteAllBytes(folder["kernel"], TypistGuest.Build(listens));
        return folder["kernel"];
    }

    private NativeMachine Typist(MachineConsole? other = null, bool listens = true) =>
        new(new QemuBoot { Kernel = Kernel(listens), AllowUnconverted = true, MemoryBytes = Memory }, other ?? console);

    private void WaitFor(string text) =>
        Assert.True(SpinWait.SpinUntil(() => printed.ToString() == text, Limit), $"'{text}' does not come after: {printed}");
}
