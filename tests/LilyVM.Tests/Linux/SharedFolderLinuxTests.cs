using System.Diagnostics;
using LilyVM.Cli.Guests;
using LilyVM.Engines.User;
using LilyVM.Tests.Machine;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Linux;

/// <summary>Folders that the prepared x86-64 Linux shares with the host, by the real command and Debian's virtiofsd.</summary>
public sealed class SharedFolderLinuxTests : ScratchTest
{
    private const int Kill = 9;

    private readonly X64LinuxFixture linux;

    // built, so that the command need not
    public SharedFolderLinuxTests(X64LinuxFixture linux)
    {
        this.linux = linux;
        Assert.True(File.Exists(linux.Files.Kernel));
        Directory.CreateDirectory(Folder);
    }

    private string Folder => Scratch["shared"];

    [Fact]
    public void Each_side_sees_what_the_other_does()
    {
        File.WriteAllText(Path.Combine(Folder, "from-host"), "host\n");
        Assert.Equal("host\nfile system errors: 0\n", Run($"{Folder}:/work", """
            cd /work && cat from-host
            errors=0
            check() { "$@" || { echo "$* failed"; errors=$((errors + 1)); }; }
            check mkdir -p folder/below
            echo guest >folder/file
            check chmod 640 folder/file
            check ln -s file folder/link
            check ln folder/file folder/second
            check mv folder/second folder/below/moved
            check test "$(readlink folder/link)" = file
            check test "$(stat -c %h folder/file)" = 2
            check truncate -s 1000000 folder/sparse
            echo more >>folder/file
            check test "$(cat folder/below/moved)" = "guest
            more"
            printf '#!/bin/sh\nexit 7\n' >program && chmod +x program
            ./program; check test $? = 7
            check touch -d 2001-02-03 folder/old
            check mkfifo pipe
            rm from-host; check test ! -e from-host
            rmdir folder 2>/dev/null && { echo "a full folder was removed"; errors=$((errors + 1)); }
            : >'name with blank: "x"'
            echo "file system errors: $errors"
            """));
        Assert.Equal("guest\nmore\n", File.ReadAllText(Path.Combine(Folder, "folder", "below", "moved")));
        Assert.Equal("640\n", Command.Run("stat", ["-c", "%a", Path.Combine(Folder, "folder", "file")]).Output);
        Assert.Equal("file", new FileInfo(Path.Combine(Folder, "folder", "link")).LinkTarget);
        Assert.Equal(1_000_000, new FileInfo(Path.Combine(Folder, "folder", "sparse")).Length);
        Assert.Equal(2001, File.GetLastWriteTimeUtc(Path.Combine(Folder, "folder", "old")).Year);
        Assert.True(File.Exists(Path.Combine(Folder, "name with blank: \"x\"")));
        Assert.False(File.Exists(Path.Combine(Folder, "from-host")));
    }

    [Fact]
    public void Ten_thousand_files_arrive()
    {
        Assert.Equal("10000\n", Run($"{Folder}:many", """
            cd /mnt/many
            for i in $(seq 100); do mkdir $i; for j in $(seq 100); do echo $i.$j >$i/$j; done; done
            find . -type f | wc -l
            """));
        Assert.Equal(10_000, Directory.GetDirectories(Folder).Sum(d => Directory.GetFiles(d).Length));
        Assert.Equal("57.43\n", File.ReadAllText(Path.Combine(Folder, "57", "43")));
    }

    [Fact]
    public void A_read_only_folder_stays_as_it_is_whatever_the_guest_does()
    {
        File.WriteAllText(Path.Combine(Folder, "file"), "as it was\n");
        Directory.CreateDirectory(Path.Combine(Folder, "below"));
        Assert.Equal("as it was\nno\nno\nno\n", Run($"{Folder}:/work,readonly", """
            cat /work/file
            mount -o remount,rw /work
            (echo x >/work/file) 2>/dev/null || echo no
            touch /work/below/new 2>/dev/null || echo no
            rm /work/file 2>/dev/null || echo no
            """));
        Assert.Equal("as it was\n", File.ReadAllText(Path.Combine(Folder, "file")));
    }

    [Fact]
    public void Ten_devices_each_have_their_interrupt()
    {
        File.WriteAllText(Path.Combine(Folder, "file"), "x");
        string[] shares = [.. Enumerable.Range(1, 8).SelectMany(i => (string[])["--share", $"{Folder}:s{i}"])];
        using (FileStream disk = File.Create(Scratch["disk"]))
            disk.SetLength(1 << 20);
        string script = Scratch.Write("script", """
            #!/bin/sh
            cat /mnt/s*/file; head -c 1 /dev/vda | tr '\0' y; head -c 1 /dev/hwrng >/dev/null && echo
            grep virtio /proc/interrupts | while read irq count rest; do [ $count = 0 ] || echo ${irq%:}; done

            """);
        string[] boot = ["boot", .. shares, "--drive", Scratch["disk"], "--append", "lilyvm.root=", "--script", script];
        Command.Result result = Lilyvm.Run("", boot);
        Assert.Equal((0, "xxxxxxxxy\n5\n6\n7\n9\n10\n11\n12\n13\n14\n15\n", ""), (result.Status, result.Output, result.Error));
        result = Lilyvm.Run("", [.. boot, "--share", $"{Folder}:s9"]);
        Assert.Equal((1, "", "lilyvm: The machine has room for 10 virtio devices, and 11 are asked for, its source of entropy among them; " +
            "leave out 1.\n"), (result.Status, result.Output, result.Error));
    }

    [Fact]
    public async Task A_program_shares_a_folder_by_an_option()
    {
        var printed = new MachineFixture.Printed();
        using var machine = new VirtualMachine(new MachineOptions
        {
            Kernel = linux.Files.Kernel,
            Initrd = linux.Files.Initrd,
            CommandLine = "lilyvm.share=rw:/results lilyvm.run=results",
            Console = new MachineConsole(printed),
            Shares = [new ShareOptions(Folder, "/results")],
            InitrdSupplement = CpioArchive.Make(archive =>
                archive.AddFile("scripts/results", "#!/bin/sh\necho 42 >/results/answer\n"u8.ToArray(), executable: true)),
        });
        MachineResult result = await machine.RunAsync(TestContext.Current.CancellationToken);
        Assert.True(result.End == MachineEnd.Restart, printed.ToString());
        Assert.Equal("42\n", await File.ReadAllTextAsync(Path.Combine(Folder, "answer"), TestContext.Current.CancellationToken));
    }

    // As root, by another user who owns nothing but the folder.
    [Fact]
    public void Without_privilege_it_works_in_a_user_namespace()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Who is not root has tried it in the other tests.");
        string place = Command.Run("mktemp", ["-d"]).Output.TrimEnd(), folder = Path.Combine(place, "own");
        try
        {
            Directory.CreateDirectory(folder);
            File.Copy(linux.Files.Kernel, Path.Combine(place, "kernel"));
            File.Copy(linux.Files.Initrd, Path.Combine(place, "initrd"));
            File.WriteAllText(Path.Combine(place, "script"), "#!/bin/sh\necho 42 >/mnt/own/answer && stat -c %u /mnt/own/answer\n");
            Command.Run("sh", ["-c", "chmod -R a+rX \"$0\" && chown 65534:65534 \"$0/own\"", place]);
            string[] boot =
            [
                "boot", "--kernel", Path.Combine(place, "kernel"), "--initrd", Path.Combine(place, "initrd"), "--append",
                "lilyvm.share=rw:own", "--share", folder, "--script", Path.Combine(place, "script"),
            ];
            string[] nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=" + folder];
            Assert.SkipUnless(Command.Run("setpriv", [.. nobody, "test", "-r", Lilyvm.CommandLine()[1]]).Status == 0,
                "Others may not read this checkout.");
            Command.Result result = Command.Run("setpriv", [.. nobody, .. Lilyvm.CommandLine(boot)], limit: Lilyvm.RunLimit);
            Assert.Equal((0, "0\n", ""), (result.Status, result.Output, result.Error));
            Assert.Equal("42\n", File.ReadAllText(Path.Combine(folder, "answer")));
            Assert.Equal("65534\n", Command.Run("stat", ["-c", "%u", Path.Combine(folder, "answer")]).Output);
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    [Fact]
    public async Task Two_guests_work_on_one_folder()
    {
        Task<string>[] runs =
        [
            .. ((string[])["a", "b"]).Select(name => Task.Run(() => Run($"{Folder}:/work", $"""
                cd /work
                for i in $(seq 200); do echo {name} $i >>{name}.log; mkdir turn 2>/dev/null && rmdir turn; done
                touch {name}.done
                until [ -e a.done ] && [ -e b.done ]; do sleep 0.1; done
                cat a.log b.log | wc -l
                """))),
        ];
        Assert.Equal(["400\n", "400\n"], await Task.WhenAll(runs));
        Assert.False(Directory.Exists(Path.Combine(Folder, "turn")));
    }

    [Fact]
    public void A_folder_that_vanishes_is_the_guest_s_error_only()
    {
        File.WriteAllText(Path.Combine(Folder, "file"), "x");
        string[] line = Lilyvm.CommandLine(Boot($"{Folder}:/work", """
            echo begun >/work/begun
            while [ -e /work/begun ]; do sleep 0.1; done
            touch /work/new 2>/dev/null || echo no
            echo goes on
            """));
        using Process machine = Process.Start(new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true })!;
        using var end = new ProcessEnd(machine);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(Folder, "begun")), TimeSpan.FromSeconds(60)));
        Directory.Delete(Folder, recursive: true);
        Assert.Equal("no\ngoes on\n", machine.StandardOutput.ReadToEnd());
        Assert.Equal(0, machine.WaitForEnd());
    }

    [Fact]
    public void The_end_of_its_daemon_is_an_I_O_error_and_a_sentence()
    {
        string[] line = Lilyvm.CommandLine(Boot($"{Folder}:/work", """
            echo begun
            while echo x >>/work/log; do :; done 2>/dev/null
            ls /work 2>&1 | grep -o "Input/output error"
            echo goes on
            """));
        using Process machine = Process.Start(new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var end = new ProcessEnd(machine);
        Assert.Equal("begun", machine.StandardOutput.ReadLine());
        foreach (int daemon in Lilyvm.Stubs(machine.Id).Where(IsDaemon))
            _ = HostCalls.Kill(daemon, Kill); // the one that waits for the other may have ended with it
        Assert.Equal("Input/output error\ngoes on\n", machine.StandardOutput.ReadToEnd());
        Assert.Equal($"lilyvm: virtiofsd for {Folder} has ended; the guest cannot use its device any more.\n",
            machine.StandardError.ReadToEnd());
        Assert.Equal(0, machine.WaitForEnd());
    }

    [Fact]
    public void Kill_leaves_no_daemon()
    {
        string[] line = Lilyvm.CommandLine(Boot($"{Folder}:/work", "while :; do echo x >>/work/log; done"));
        using Process machine = Process.Start(new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true })!;
        using var end = new ProcessEnd(machine);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(Folder, "log")), TimeSpan.FromSeconds(60)));
        List<int> children = Lilyvm.Stubs(machine.Id);
        Assert.Contains(children, IsDaemon);
        Lilyvm.Signal(machine.Id, Kill);
        machine.WaitForEnd();
        Lilyvm.WaitUntilGone(children);
    }

    private static bool IsDaemon(int process) =>
        File.ReadAllText($"/proc/{process}/comm").StartsWith("virtiofsd", StringComparison.Ordinal);

    private string Run(string share, string script)
    {
        Command.Result result = Lilyvm.Run("", Boot(share, script));
        Assert.Equal((0, ""), (result.Status, result.Error));
        return result.Output;
    }

    private string[] Boot(string share, string script) =>
        ["boot", "--share", share, "--script", Scratch.Write(Guid.NewGuid().ToString("N"), "#!/bin/sh\n" + script + "\n")];
}
