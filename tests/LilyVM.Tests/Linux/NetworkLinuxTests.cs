using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using LilyVM.Cli.Guests;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Linux;

/// <summary>The prepared x86-64 Linux on the host's network, all of it at the host's loopback address, where users meet it too.</summary>
public sealed class NetworkLinuxTests(X64LinuxFixture linux) : IDisposable
{
    private const string Lost = ", so the guest's network link is down.\n";

    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_guest_has_address_route_and_name_servers_when_its_script_starts()
    {
        Command.Result result = Run("--net=user", """
            ip address show dev eth0 | grep -o 'inet [^ ]*'
            ip route | grep default
            cat /sys/class/net/eth0/address /sys/class/net/eth0/mtu /sys/class/net/eth0/carrier
            cat /etc/resolv.conf
            """);
        Assert.Equal((0, ""), (result.Status, result.Error));
        Assert.StartsWith("inet 10.0.2.15/24\ndefault via 10.0.2.2 dev eth0 \n52:54:00:12:34:56\n65520\n1\n", result.Output,
            StringComparison.Ordinal);
        Assert.Equal(LilyVM.Networks.GuestAddresses.OfThisHost().Servers.Select(s => s.ToString()),
            result.Output.Split('\n').Where(l => l.StartsWith("nameserver ", StringComparison.Ordinal)).Select(l => l.Split(' ')[1]));
    }

    [Fact]
    public void Without_the_option_there_is_no_card() =>
        Assert.Equal((0, "lo\n", ""), Tuple(Run("--net=none", "ls /sys/class/net")));

    // 100 MiB from the host and back again, through frames of the largest size and of a small one.
    [Theory]
    [InlineData("", 100)]
    [InlineData(",mtu=1400,mac=52:54:00:12:34:99", 20)]
    public void What_the_guest_fetches_and_sends_back_is_the_same(string settings, int mebibytes)
    {
        byte[] data = new byte[mebibytes << 20];
        Random.Shared.NextBytes(data);
        string sum = Convert.ToHexStringLower(SHA256.HashData(data));
        using var giver = new LoopbackServer(client =>
        {
            client.Receive(new byte[4096]);
            client.Send("HTTP/1.0 200 OK\r\n\r\n"u8);
            client.Send(data);
        });
        string taken = "";
        using var taker = new LoopbackServer(client =>
        {
            using var stream = new NetworkStream(client);
            taken = Convert.ToHexStringLower(SHA256.HashData(stream));
        });
        Command.Result result = Run("--net=user" + settings,
            $"wget -q -O /tmp/data http://10.0.2.2:{giver.Port}/; sha256sum </tmp/data; nc 10.0.2.2 {taker.Port} </tmp/data");
        Assert.Equal((0, sum + "  -\n", ""), Tuple(result));
        taker.WaitForClient();
        Assert.Equal(sum, taken);
    }

    [Fact]
    public void A_web_server_of_the_host_is_reached_by_wget()
    {
        using var server = new LoopbackServer(Greet);
        Assert.Equal((0, "hello from the host\n", ""), Tuple(Run("", $"wget -q -O - http://10.0.2.2:{server.Port}/", "-nic",
            "user")));
    }

    // The guest has IPv6 where the host reaches others by it.
    [Fact]
    public void So_is_one_by_IPv6()
    {
        Assert.SkipUnless(LilyVM.Networks.HostRoutes.OfThisHost().HasIpv6, "This host has no IPv6 route.");
        using var server = new LoopbackServer(Greet, IPAddress.IPv6Loopback);
        Assert.Equal((0, "hello from the host\n", ""),
            Tuple(Run("--net=user", $"wget -q -O - 'http://[fd4c:494c:5900::2]:{server.Port}/'")));
    }

    // As people use containers in tests: start a machine with a server in it, ask it, and have nothing left.
    [Fact]
    public async Task A_server_in_the_guest_is_asked_a_thousand_times_and_then_nothing_is_left()
    {
        var options = new MachineOptions
        {
            Kernel = linux.Files.Kernel,
            Initrd = linux.Files.Initrd,
            InitrdSupplement = CpioArchive.Make(archive =>
            {
                archive.AddFolder("lilyvm");
                archive.AddFile("lilyvm/script", "mkdir /tmp/w; echo served >/tmp/w/page; exec httpd -f -h /tmp/w"u8, executable: true);
            }),
            Networks = [new UserNetwork { Forwards = [PortForward.ToLoopback(80), PortForward.ToLoopback(80)] }],
            SecondConsole = new MachineConsole(Stream.Null),
        };
        HashSet<int> before = [.. Lilyvm.Stubs(Environment.ProcessId)];
        int port;
        using (var machine = new VirtualMachine(options))
        {
            Assert.Equal(2, machine.ForwardedPorts.Select(p => p.HostPort).Distinct().Count());
            port = machine.ForwardedPorts[1].HostPort;
            Task<MachineResult> run = machine.RunAsync(TestContext.Current.CancellationToken);
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}/") };
            Assert.Equal("served\n", await FirstAnswer(client, run));
            client.DefaultRequestHeaders.ConnectionClose = true; // a connection each
            // Of busybox's server nine wait at most; Linux drops more, and passt resets those.
            await Parallel.ForAsync(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 8 },
                async (_, cancellation) => Assert.Equal("served\n", await client.GetStringAsync("page", cancellation)));
            Assert.Contains(Lilyvm.Stubs(Environment.ProcessId).Except(before), IsPasst);
        }
        Assert.DoesNotContain(Lilyvm.Stubs(Environment.ProcessId).Except(before), IsPasst);
        using var again = new TcpListener(IPAddress.Loopback, port);
        again.Start(); // the port is free
    }

    [Fact]
    public void A_guest_whose_passt_is_killed_goes_on_without_a_link()
    {
        using var server = new LoopbackServer(Greet);
        using Process machine = Start(
            $"until wget -q -O /dev/null http://10.0.2.2:{server.Port}/; do sleep 0.1; done; echo up; "
            + "until [ \"$(cat /sys/class/net/eth0/carrier)\" = 0 ]; do sleep 0.1; done; echo goes on");
        Assert.Equal("up", machine.StandardOutput.ReadLine()); // it serves
        Lilyvm.Signal(WaitForPasst(machine.Id), 9);
        Assert.Equal(0, machine.WaitForEnd());
        Assert.Equal("goes on\n", machine.StandardOutput.ReadToEnd());
        Assert.Equal("lilyvm: passt was ended by signal 9" + Lost, machine.StandardError.ReadToEnd());
    }

    [Theory]
    [InlineData(9)]
    [InlineData(15)]
    public void Passt_ends_with_the_machine(int signal)
    {
        using Process machine = Start("sleep 1000");
        int passt = WaitForPasst(machine.Id);
        Lilyvm.Signal(machine.Id, signal);
        Assert.Equal(128 + signal, machine.WaitForEnd());
        if (signal == 9)
            Lilyvm.WaitUntilGone([passt]);
        else
            Lilyvm.AssertGone([passt]);
    }

    [Fact]
    public void Passt_missing_is_told_with_its_package() =>
        Assert.Equal((1, "", "lilyvm: passt is missing; install the Debian package passt.\n"),
            Tuple(Lilyvm.Run("", ["boot", "--net", "user"], ("PATH", "/nonexistent"))));

    [Theory]
    [InlineData("echo No way. >&2; exit 1", 1, "lilyvm: The network cannot be started: passt has ended (No way).\n")]
    [InlineData("exit 0", 1, "lilyvm: The network cannot be started: passt has ended.\n")]
    [InlineData("printf '\\377\\377\\377\\377 and more' >&3; exec sleep 100", 0,
        "lilyvm: passt sent a frame of 4294967295 bytes, which is nonsense" + Lost)]
    [InlineData("head -c 46 <&3 >/dev/null; printf '\\000\\000\\001\\000half' >&3; exit 3", 0, "lilyvm: passt has ended" + Lost)]
    public void A_passt_that_fails_or_speaks_nonsense_is_told(string does, int status, string sentence)
    {
        string passt = folder.Write("passt", "#!/bin/sh\n" + does + "\n", executable: true);
        string path = $"{Path.GetDirectoryName(passt)}:{Environment.GetEnvironmentVariable("PATH")}";
        string script = Script(status == 0
            ? "until [ \"$(cat /sys/class/net/eth0/carrier)\" = 0 ]; do sleep 0.1; done" : "sleep 1000");
        Command.Result result = Lilyvm.Run("", ["boot", "--net", "user", "--script", script], ("PATH", path));
        Assert.Equal((status, sentence), (result.Status, result.Error));
    }

    // Two guests on a cable.
    [Fact]
    public async Task A_program_that_takes_frames_by_a_socket_is_the_network()
    {
        string path = folder["cable"];
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var cable = new Thread(() =>
        {
            using Socket one = listener.Accept(), two = listener.Accept();
            var back = new Thread(() => Pass(two, one));
            back.Start();
            Pass(one, two);
            back.Join();
        });
        cable.Start();
        Task<Command.Result> server = Task.Run(() => Run($"--net=socket,path={path},mac=52:54:00:00:00:01",
            "ip address add 192.168.7.1/24 dev eth0; ip link set eth0 up; nc -l -p 7 -e echo over the cable"));
        Command.Result client = Run($"--net=socket,path={path},mac=52:54:00:00:00:02",
            "ip address add 192.168.7.2/24 dev eth0; ip link set eth0 up; until nc 192.168.7.1 7 2>/dev/null; do sleep 0.1; done");
        Assert.Equal((0, "over the cable\n", ""), Tuple(client));
        Assert.Equal(0, (await server).Status);
        cable.Join();
    }

    private static (int Status, string Output, string Error) Tuple(Command.Result result) => (result.Status, result.Output, result.Error);

    private static void Greet(Socket client)
    {
        client.Receive(new byte[4096]);
        client.Send("HTTP/1.0 200 OK\r\n\r\nhello from the host\n"u8);
    }

    private static void Pass(Socket from, Socket to)
    {
        byte[] buffer = new byte[65536];
        try
        {
            for (int count; (count = from.Receive(buffer)) > 0;)
                to.Send(buffer.AsSpan(0, count));
        }
        catch (SocketException)
        {
            // One of the guests has ended.
        }
    }

    private static bool IsPasst(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").StartsWith("passt", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // it has ended meanwhile
        }
    }

    private static int WaitForPasst(int machine)
    {
        int found = 0;
        Assert.True(SpinWait.SpinUntil(() => (found = Lilyvm.Stubs(machine).Find(IsPasst)) != 0, TimeSpan.FromMinutes(1)), "No passt.");
        return found;
    }

    private static async Task<string> FirstAnswer(HttpClient client, Task<MachineResult> run)
    {
        while (!run.IsCompleted)
        {
            try
            {
                return await client.GetStringAsync("page", TestContext.Current.CancellationToken);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(100, TestContext.Current.CancellationToken); // it has not come that far
            }
        }
        throw new InvalidOperationException($"The machine ended: {(await run).Message}");
    }

    private string Script(string text) => folder.Write($"script{Guid.NewGuid():N}", text + "\n");

    private Command.Result Run(string network, string script, params string[] instead) => Lilyvm.Run(
        "", ["boot", "--memory", "512M", .. instead.Length > 0 ? instead : [network], "--script", Script(script)]);

    private Process Start(string script)
    {
        string[] words = Lilyvm.CommandLine("boot", "--net", "user", "--script", Script(script));
        return Process.Start(new ProcessStartInfo(words[0], words[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    /// <summary>Serves clients at a port of the loopback address, one after another.</summary>
    private sealed class LoopbackServer : IDisposable
    {
        private readonly TcpListener listener;
        private readonly Thread thread;
        private readonly ManualResetEventSlim served = new();

        internal LoopbackServer(Action<Socket> serve, IPAddress? address = null)
        {
            listener = new TcpListener(address ?? IPAddress.Loopback, 0);
            listener.Start();
            thread = new Thread(() => Run(serve)) { IsBackground = true };
            thread.Start();
        }

        internal int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        internal void WaitForClient() => Assert.True(served.Wait(TimeSpan.FromMinutes(1)));

        public void Dispose()
        {
            listener.Stop();
            thread.Join();
            served.Dispose();
        }

        private void Run(Action<Socket> serve)
        {
            try
            {
                while (true)
                {
                    using Socket client = listener.AcceptSocket();
                    serve(client);
                    served.Set();
                }
            }
            catch (SocketException)
            {
                // That was all.
            }
        }
    }
}
