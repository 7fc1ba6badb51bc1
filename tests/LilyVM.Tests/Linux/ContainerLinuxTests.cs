using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using LilyVM.Cli.Guests;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Linux;

/// <summary>Images as machines, by the real command, as docker runs them.</summary>
public sealed class ContainerLinuxTests : IClassFixture<BusyboxImage>, IDisposable
{
    private readonly BusyboxImage image;
    private readonly ScratchFolder folder = new();

    public ContainerLinuxTests(X64LinuxFixture linux, BusyboxImage image)
    {
        Assert.True(File.Exists(linux.Files.Kernel)); // built, so that the command need not
        this.image = image;
        Command.Result ready = Run([], "true");
        Assert.True(ready.Status == 0, ready.Error); // and so is the image, whose progress is shown once
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0, "hello\n", "", "echo", "hello")]
    [InlineData(0, "a b||c\nd|-it|", "", "printf", "%s|", "a b", "", "c\nd", "-it")] // words as they are
    [InlineData(0, "", "", "true")]
    [InlineData(1, "", "", "false")]
    [InlineData(42, "", "", "sh", "-c", "exit 42")]
    [InlineData(143, "", "Terminated\n", "sh", "-c", "sh -c 'kill $$'; exit $?")]
    [InlineData(127, "", "lilyvm: cannot run nothing: it is not there.\n", "nothing", "at all")]
    [InlineData(127, "", "lilyvm: cannot run /bin/nothing: it is not there.\n", "/bin/nothing")]
    [InlineData(126, "", "lilyvm: cannot run /etc/passwd: Permission denied.\n", "/etc/passwd")]
    [InlineData(126, "", "lilyvm: cannot run /etc: Permission denied.\n", "/etc")]
    [InlineData(3, "out\n", "err\n", "sh", "-c", "echo out; echo err >&2; exit 3")]
    [InlineData(0, "1\n", "", "sh", "-c", "echo $$")] // process 1, as in containers
    [InlineData(0, "/\n", "", "pwd")]
    [InlineData(0, "uid=0(root) gid=0(root) groups=0(root)\n", "", "id")]
    [InlineData(0, "0\n", "", "sh", "-c", "cat | wc -c")] // no input unless -i
    [InlineData(0, "same\n", "", "sh", "-c", "[ $(hostname) = $HOSTNAME ] && [ $(cat /etc/hostname) = $HOSTNAME ] && echo same")]
    [InlineData(0, "/root hello there\n", "", "sh", "-c", "echo $HOME $GREETING")]
    [InlineData(0, "5000000\n", "", "sh", "-c", "head -c 5000000 /dev/zero | wc -c")]
    [InlineData(0, "kept\n", "", "sh", "-c", "echo kept >/etc/new; rm /script; cat /etc/new; [ ! -e /script ]")] // forgotten afterwards
    [InlineData(0, "/script\n", "", "sh", "-c", "ls /script; [ ! -e /etc/new ]")]
    [InlineData(0, "tmpfs\n", "", "sh", "-c", "mkdir /m; mount -t tmpfs tmpfs /m; stat -f -c %T /m")] // it is a machine
    [InlineData(0, "\n", "", "sh", "-c", "echo > /dev/stdout")]
    [InlineData(0, "no tty\n", "", "sh", "-c", "tty -s || echo no tty")]
    [InlineData(0, "inet 10.0.2.15\n", "", "sh", "-c", "ip address show dev eth0 | grep -o 'inet [0-9.]*'")]
    [InlineData(0, "overlay\n", "", "sh", "-c", "grep ' / ' /proc/mounts | cut -d ' ' -f 3")]
    public void A_command_gives_what_docker_gives(int status, string output, string error, params string[] command) =>
        Assert.Equal((status, output, error), Tuple(Run([], command)));

    [Fact]
    public void Without_a_command_the_image_s_is_run() =>
        Assert.Equal((0, "the image says hello there\n", ""), Tuple(Run([])));

    [Fact]
    public void The_image_s_entry_point_folder_and_user_are_obeyed_and_options_go_before_them()
    {
        string[] run = ["container", "run", image.Service, "more", "-x"];
        Lilyvm.Run("", run);
        Assert.Equal((0, "script first more -x\n", ""), Tuple(Lilyvm.Run("", run)));
        Command.Result result = Run(
            ["-w", "/made/for/it", "-u", "www", "-e", "GREETING=other", "--env=EMPTY=", "-e", "LILYVM_TEST_GIVEN", "-e", "NOT_GIVEN"],
            ["sh", "-c", "pwd; id; env | sort"], ("LILYVM_TEST_GIVEN", "given"));
        string hostName = result.Output.Split('\n').First(l => l.StartsWith("HOSTNAME=", StringComparison.Ordinal));
        Assert.Equal(
            "/made/for/it\nuid=33(www) gid=34(www) groups=34(www),77(extra)\nEMPTY=\nGREETING=other\nHOME=/var/www\n" + hostName +
            "\nLILYVM_TEST_GIVEN=given\nPATH=/bin\nPWD=/made/for/it\nSHLVL=1\n",
            result.Output);
        Assert.Equal("uid=5 gid=77(extra) groups=77(extra)\n", Run(["-u", "5:extra"], "id").Output);
    }

    [Fact]
    public void Streams_are_eight_bits_wide_and_end()
    {
        byte[] data = new byte[3 << 20];
        Random.Shared.NextBytes(data);
        string text = Encoding.Latin1.GetString(data);
        Command.Result result = Run(["-i"], ["sh", "-c", "tee /dev/stderr"], text);
        Assert.Equal((0, data.Length, data.Length), (result.Status, result.Output.Length, result.Error.Length));
        Assert.Equal(SHA256.HashData(data), SHA256.HashData(Encoding.Latin1.GetBytes(result.Output)));
        Assert.Equal(SHA256.HashData(data), SHA256.HashData(Encoding.Latin1.GetBytes(result.Error)));
    }

    [Fact]
    public void Input_that_nobody_reads_is_no_obstacle() =>
        Assert.Equal((0, "done\n", ""), Tuple(Run(["-i"], ["echo", "done"], new string('x', 3 << 20))));

    [Fact]
    public void A_folder_is_shared_and_may_be_read_only()
    {
        folder.Write("in/file", "of the host\n");
        Command.Result result = Run(
            ["-v", folder["in"] + ":/in:ro", "--volume", $"{Directory.CreateDirectory(folder["out"])}:/a/b"],
            ["sh", "-c", "cat /in/file; echo of the guest >/a/b/file; touch /in/x 2>/dev/null || echo read-only"]);
        Assert.Equal((0, "of the host\nread-only\n", ""), Tuple(result));
        Assert.Equal("of the guest\n", File.ReadAllText(folder["out/file"]));
    }

    [Fact]
    public async Task A_published_port_leads_to_a_server_which_a_signal_stops()
    {
        int port = PortForward.ToLoopback(1).Choose().HostPort;
        using Process machine = Start("-p", $"127.0.0.1:{port}:80", image.Small, "sh", "-c",
            "mkdir /w; echo served >/w/page; httpd -h /w; trap 'echo stopping; exit 7' TERM; while true; do sleep 0.1; done");
        using var client = new HttpClient();
        string answer = "";
        for (int tries = 0; tries < 600 && answer.Length == 0; tries++)
        {
            try
            {
                answer = await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/page"), TestContext.Current.CancellationToken);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(100, TestContext.Current.CancellationToken); // it has not come that far
            }
        }
        Assert.Equal("served\n", answer);
        Lilyvm.Signal(machine.Id, 15);
        Assert.Equal(7, machine.WaitForEnd());
        Assert.Equal("stopping\n", await machine.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_program_that_ignores_signals_is_ended_by_the_third()
    {
        using Process machine = Start(image.Small, "sh", "-c", "echo up; while true; do sleep 1; done");
        Assert.Equal("up", machine.StandardOutput.ReadLine());
        List<int> helpers = Lilyvm.Stubs(machine.Id);
        for (int i = 0; i < 3; i++)
        {
            Lilyvm.Signal(machine.Id, 15);
            Thread.Sleep(200);
        }
        Assert.Equal(128 + 15, machine.WaitForEnd());
        Lilyvm.AssertGone(helpers);
    }

    [Fact]
    public void A_terminal_has_its_size_and_its_keys()
    {
        using var terminal = new TestTerminal();
        terminal.Resize(31, 99);
        using Process machine = Lilyvm.StartOn(terminal, "container", "run", "-it", image.Small, "sh");
        using var end = new ProcessEnd(machine);
        terminal.WaitFor("/ # ");
        terminal.Type("stty size; echo $TERM; tty\r");
        terminal.WaitFor("\n31 99\n");
        terminal.WaitFor("\nxterm\n");
        terminal.WaitFor("\n/dev/pts/0\n");
        terminal.Resize(32, 98);
        Assert.True(SpinWait.SpinUntil(() =>
        {
            terminal.Type("stty size\r");
            Thread.Sleep(300);
            return terminal.Printed.Contains("\n32 98\n", StringComparison.Ordinal);
        }, TimeSpan.FromSeconds(60)), terminal.Printed);
        terminal.Type("sleep 1000\r");
        Thread.Sleep(500);
        terminal.Type("\u0003echo i$((1+1))nterrupted; exit 9\r");
        terminal.WaitFor("\ni2nterrupted\n");
        Assert.Equal(9, machine.WaitForEnd());
    }

    [Fact]
    public void Images_come_from_archives_too()
    {
        Assert.Equal(0, Command.Run("skopeo", ["copy", "--quiet", image.Small, "oci-archive:" + folder["a.tar"]]).Status);
        Assert.Equal(0, Command.Run("skopeo", ["copy", "--quiet", image.Small, $"docker-archive:{folder["d.tar"]}:small:latest"]).Status);
        foreach (string name in (string[])["oci-archive:" + folder["a.tar"], "docker-archive:" + folder["d.tar"]])
        {
            string[] run = ["container", "run", "--network", "none", name, "ls", "/sys/class/net"];
            Assert.Equal((0, "lo\n"), (Lilyvm.Run("", run).Status, Lilyvm.Run("", run).Output));
        }
    }

    [Theory]
    [InlineData("LAYOUT:none", "The image oci:LAYOUT:none cannot be used: ")]
    [InlineData("/nonexistent:x", "The image oci:/nonexistent:x cannot be used: ")]
    [InlineData("LAYOUT:foreign", "The image oci:LAYOUT:foreign is for arm64, and machines run amd64; choose one for that.")]
    [InlineData("DAMAGED:small", "The image oci:DAMAGED:small cannot be used: ")]
    public void An_image_that_cannot_be_used_is_one_sentence_and_leaves_nothing(string name, string sentence)
    {
        GuestCache cache = GuestCache.Find();
        string unfinished = Path.Combine(cache.Root, GuestCache.Unfinished);
        if (name.StartsWith("DAMAGED", StringComparison.Ordinal))
            Damage();
        string Fill(string text) => text.Replace("LAYOUT", image.Layout, StringComparison.Ordinal)
            .Replace("DAMAGED", folder["damaged"], StringComparison.Ordinal);
        Command.Result result = Lilyvm.Run("", ["container", "run", "oci:" + Fill(name), "true"]);
        string told = result.Error.Split('\n')[^2];
        Assert.Equal((1, ""), (result.Status, result.Output));
        Assert.StartsWith("lilyvm: " + Fill(sentence), told, StringComparison.Ordinal);
        Assert.EndsWith(".", told, StringComparison.Ordinal);
        Assert.False(Directory.Exists(unfinished) && Directory.EnumerateDirectories(unfinished, "image-*").Any());
    }

    [Theory]
    [InlineData("The image has no user 'nobody'; give one that is in its /etc/passwd, or a number.", "-u", "nobody")]
    [InlineData("The image has no group 'none'; give one that is in its /etc/group, or a number.", "-u", "0:none")]
    public void A_user_that_the_image_has_not_is_told(string sentence, params string[] options) =>
        Assert.Equal((1, "", $"lilyvm: {sentence}\n"), Tuple(Run(options, "true")));

    private static (int Status, string Output, string Error) Tuple(Command.Result result) => (result.Status, result.Output, result.Error);

    private Command.Result Run(string[] options, params string[] command) => Run(options, command, "");

    private Command.Result Run(string[] options, string[] command, string input) =>
        Lilyvm.Run(input, ["container", "run", .. options, image.Small, .. command]);

    private Command.Result Run(string[] options, string[] command, params (string, string)[] environment) =>
        Lilyvm.Run("", ["container", "run", .. options, image.Small, .. command], environment);

    private static Process Start(params string[] words)
    {
        string[] line = Lilyvm.CommandLine(["container", "run", .. words]);
        return Process.Start(new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true })!;
    }

    private void Damage()
    {
        Assert.Equal(0, Command.Run("cp", ["-r", image.Layout, folder["damaged"]]).Status);
        string layer = Directory.EnumerateFiles(folder["damaged/blobs/sha256"]).MaxBy(f => new FileInfo(f).Length)!;
        byte[] bytes = File.ReadAllBytes(layer);
        bytes.AsSpan(bytes.Length / 2, 100).Clear();
        File.WriteAllBytes(layer, bytes);
    }
}
