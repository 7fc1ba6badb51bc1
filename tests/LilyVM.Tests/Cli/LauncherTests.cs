using System.Diagnostics;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Cli;

/// <summary>
/// The script <c>./lilyvm</c>, in a checkout that holds nothing else and with a .NET SDK that only notes what
/// it is asked for.
/// </summary>
public sealed class LauncherTests : IDisposable
{
    private const string Checkout = "my pro:ject's";

    // What stands for such a path where MSBuild, which takes no colons, and others work.
    private const string Workshop = @"/var/tmp/lilyvm-\d+-\d+";

    private readonly ScratchFolder scratch = new();
    private readonly string launcher, log;

    public LauncherTests()
    {
        foreach (string file in (string[])[".editorconfig", "src/a", "native/a", "build/a", "tests/a", "global.json", "LilyVM.slnx",
            "Directory.Build.props"])
            scratch.Write($"{Checkout}/{file}", "");
        launcher = scratch.Write($"{Checkout}/lilyvm", File.ReadAllText(Path.Combine(Repository.Root, "lilyvm")), executable: true);
        log = scratch["dotnet.log"];
        Fake("dpkg-query", "echo installed");
        Fake("dpkg", "echo i386");
        // Leaves a program that tells its arguments where a project is published.
        Fake("dotnet", $"""
            echo "$HOME $*" >>'{log}'
            [ "$1" = publish ] || exit 0
            for folder; do :; done
            mkdir -p "$folder"
            for file in LilyVM.Cli lily-as; do printf '#!/bin/sh\necho "program: $*"\n' >"$folder/$file"; chmod 755 "$folder/$file"; done
            """);
        Directory.CreateDirectory(scratch["here"]);
    }

    // By whomever it was run.
    public void Dispose()
    {
        static bool IsOf(string path, string folder) =>
            new FileInfo(folder + "/project").LinkTarget?.StartsWith(path, StringComparison.Ordinal) == true;

        foreach (string folder in Directory.EnumerateDirectories("/var/tmp", "lilyvm-*").Where(f => IsOf(scratch.Path, f)))
            Directory.Delete(folder, recursive: true);
        scratch.Dispose();
    }

    [Fact]
    public void It_builds_once_and_hands_over_also_through_links_from_anywhere()
    {
        File.CreateSymbolicLink(scratch["first"], launcher);
        File.CreateSymbolicLink(scratch["here/link"], "../first");
        Command.Result result = Run(scratch["here/link"], "guest", "a  b");
        Assert.Equal((0, "program: guest a  b\n"), (result.Status, result.Output));
        Assert.Contains("Building LilyVM: done in ", result.Error, StringComparison.Ordinal);
        Assert.Equal(["link"], Directory.EnumerateFileSystemEntries(scratch["here"]).Select(Path.GetFileName));
        result = Run(launcher, "x");
        Assert.Equal((0, "program: x\n", ""), (result.Status, result.Output, result.Error));
        Assert.Equal(2, File.ReadAllLines(log).Length);
        Assert.All(File.ReadAllLines(log),
            line => Assert.Matches($"^{scratch.Path} publish ({Workshop}[A-Za-z./-]+|-c|Release|-o| )+$", line));
    }

    [Fact]
    public void The_version_is_told_without_a_build()
    {
        scratch.Write($"{Checkout}/Directory.Build.props", "<Project>\n    <Version>1.2.3</Version>\n</Project>\n");
        Command.Result result = Run(launcher, "--version");
        Assert.Equal((0, "lilyvm 1.2.3\n", ""), (result.Status, result.Output, result.Error));
        Assert.False(File.Exists(log));
    }

    [Fact]
    public void A_built_checkout_serves_those_who_cannot_write_it()
    {
        Run(launcher);
        string[] other = Environment.IsPrivilegedProcess ? ["--reuid", "65534", "--regid", "65534", "--clear-groups"] : [];
        SetMode("go+rX", scratch.Path);
        SetMode("go+rX,a-w", scratch[Checkout] + "/artifacts/"); // behind a link
        SetMode("a-w", scratch[Checkout]);
        SetMode("go-rx", scratch["here"]); // the other user starts where it may not look
        try
        {
            Command.Result result = Run("setpriv", [.. other, launcher, "x"]);
            Assert.Equal((0, "program: x\n", ""), (result.Status, result.Output, result.Error));

            File.SetLastWriteTimeUtc(scratch[$"{Checkout}/src/a"], DateTime.UtcNow.AddMinutes(1));
            result = Run("setpriv", [.. other, launcher, "x"]);
            Assert.Equal(
                (1, "", $"lilyvm: LilyVM is not built as its sources are now, and you cannot write to {scratch[Checkout]}/artifacts; run " +
                    "this as the user who owns it.\n"),
                (result.Status, result.Output, result.Error));
        }
        finally
        {
            SetMode("u+w", scratch[Checkout]);
            SetMode("u+w", scratch[Checkout] + "/artifacts/");
        }
    }

    [Fact]
    public void A_copy_of_a_built_checkout_is_one_and_builds_for_itself()
    {
        Run(launcher);
        foreach (string copy in (string[])["my copy", "copy"])
        {
            // As a checkout at a plain path has it: no link.
            const string Copy = "cp -a \"$1\" \"$2\" && rm \"$2/artifacts\" && cp -a \"$1/artifacts/\" \"$2/artifacts\"";
            Assert.Equal(0, Command.Run("sh", ["-c", Copy, "sh", scratch[Checkout], scratch[copy]]).Status);
            int built = File.ReadAllLines(log).Length;
            Assert.Equal(("program: x\n", ""), (Run(scratch[copy + "/lilyvm"], "x") is var result ? result.Output : "", result.Error));
            File.SetLastWriteTimeUtc(scratch[$"{copy}/src/a"], DateTime.UtcNow.AddMinutes(1));
            Assert.Equal("program: x\n", Run(scratch[copy + "/lilyvm"], "x").Output);
            Assert.Equal(built + 2, File.ReadAllLines(log).Length);
            Assert.True(File.Exists(scratch[copy + "/artifacts/setup/built-program"]));
        }
        Assert.EndsWith(scratch["copy"] + "/artifacts/publish/lily-as", File.ReadAllLines(log)[^1], StringComparison.Ordinal);

        // And one that still has the link of the first.
        Assert.Equal(0, Command.Run("cp", ["-a", scratch[Checkout], scratch["linked"]]).Status);
        File.SetLastWriteTimeUtc(scratch["linked/src/a"], DateTime.UtcNow.AddMinutes(1));
        Assert.Equal("program: x\n", Run(scratch["linked/lilyvm"], "x").Output);
        Assert.Null(new FileInfo(scratch["linked/artifacts"]).LinkTarget);
    }

    [Theory]
    [InlineData("/does/not/exist")]
    [InlineData("/dev/null")]
    [InlineData("")]
    public void Without_a_home_the_SDK_gets_one_in_the_checkout(string home)
    {
        Command.Result result = Run(launcher, ["x"], home);
        Assert.Equal((0, "program: x\n"), (result.Status, result.Output));
        Assert.All(File.ReadAllLines(log), line => Assert.Matches($"^{Workshop}/project/artifacts/setup/home publish ", line));
        Assert.Empty(Directory.EnumerateFileSystemEntries(scratch["here"]));
    }

    [Fact]
    public async Task Who_must_build_waits_for_another_who_does_and_says_for_whom_and_nobody_else_waits()
    {
        Run(launcher);
        scratch.Write($"{Checkout}/artifacts/setup/holder", "process 1 (root: lilyvm test)\n");
        Process test;
        using (new FileStream(scratch[$"{Checkout}/artifacts/setup/lock"], FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.Equal("program: x\n", Run(launcher, "x").Output);
            Assert.Equal("program: test --help\n", Run(launcher, "test", "--help").Output);
            var start = new ProcessStartInfo(launcher, ["test", "Word"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["PATH"] = PathWithFakes;
            test = Process.Start(start)!;
            Assert.Equal(
                $"Waiting for process 1 (root: lilyvm test), which builds in {scratch[Checkout]} ...",
                await test.StandardError.ReadLineAsync(TestContext.Current.CancellationToken));
            Assert.False(test.HasExited);
        }
        using (test)
        {
            Assert.Equal("program: test Word\n", await test.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
            Assert.StartsWith("Building the tests ...\n", await test.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken),
                StringComparison.Ordinal);
            Assert.Equal(0, test.WaitForEnd());
        }
        Assert.Matches($" build {Workshop}/tests/LilyVM.Tests -c Release$", File.ReadAllLines(log)[^1]);
        Assert.Matches(@"^process \d+ \(.*: lilyvm test Word\)$",
            File.ReadAllText(scratch[$"{Checkout}/artifacts/setup/holder"]).TrimEnd());
    }

    [Fact]
    public void What_fails_to_build_is_told_with_its_errors_and_tried_again()
    {
        Fake("dotnet", $"echo 'a.cs(1): error X: wrong'; exit 1");
        Command.Result result = Run(launcher, "x");
        Assert.Equal((1, ""), (result.Status, result.Output));
        Assert.Equal("Building LilyVM ...\na.cs(1): error X: wrong\nlilyvm: LilyVM could not be built; the errors stand above.\n",
            result.Error);
        Assert.Equal(1, Run(launcher, "x").Status);
    }

    [Fact]
    [Trait("Takes", "minutes")]
    public void A_long_build_says_in_a_log_that_it_goes_on()
    {
        Fake("dotnet", "sleep 17; exit 1");
        Assert.Matches("Building LilyVM: 1[5-7] s\n", Run(launcher, "x").Error); // or a little later on a busy host
    }

    private string PathWithFakes => $"{scratch["fakes"]}:{Environment.GetEnvironmentVariable("PATH")}";

    private void Fake(string program, string script) => scratch.Write("fakes/" + program, $"#!/bin/sh\n{script}\n", executable: true);

    private static void SetMode(string mode, string path) => Assert.Equal(0, Command.Run("chmod", ["-R", mode, path]).Status);

    private Command.Result Run(string program, params string[] arguments) => Run(program, arguments, scratch.Path);

    private Command.Result Run(string program, string[] arguments, string home) => Command.Run(
        program,
        arguments,
        environment: new Dictionary<string, string> { ["PATH"] = PathWithFakes, ["HOME"] = home },
        directory: scratch["here"]);
}
