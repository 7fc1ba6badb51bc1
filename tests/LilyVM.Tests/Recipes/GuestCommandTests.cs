using LilyVM.Cli.Guests;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Recipes;

/// <summary>
/// The guest commands as users meet them when something is missing: one sentence, a non-zero status, nothing left behind that looks
/// finished.
/// </summary>
public sealed class GuestCommandTests : IDisposable
{
    private readonly ScratchFolder scratch = new();

    [Theory]
    [InlineData("'minix' is no guest that this command knows, which are: linux; see lilyvm guest build --help.", "build", "minix")]
    [InlineData("'linux' is no guest that this command knows, which are: debian; see lilyvm guest rootfs --help.", "rootfs", "linux")]
    [InlineData("--arch takes x86_64 or i386, not 'arm64'; see lilyvm guest build --help.", "build", "linux", "--arch", "arm64")]
    [InlineData("--jobs takes a number from 1; see lilyvm guest build --help.", "build", "linux", "--jobs", "0")]
    [InlineData("A disk of 1M is too small for this system; give at least 400M.", "rootfs", "debian", "--size", "1M")]
    [InlineData("A disk of 699M is too small for this system; give at least 700M.", "rootfs", "debian", "--size", "699M",
        "--with-compiler")]
    [InlineData("A disk of 5000G is too large; give at most 4096G.", "path", "debian", "disk", "--size", "5000G")]
    [InlineData("'1e9' is no disk size; give a number and M or G, such as 2G.", "rootfs", "debian", "--size", "1e9")]
    [InlineData("'3' is no disk size; give a number and M or G, such as 2G.", "rootfs", "debian", "--size", "3")]
    [InlineData("This Debian disk is not built; run `lilyvm guest rootfs debian --with-compiler --size 3G`.", "path", "debian", "disk",
        "--with-compiler", "--size", "3G")]
    [InlineData("This Debian disk is not built; run `lilyvm guest rootfs debian --arch i386`.", "path", "debian", "disk", "--arch", "i386")]
    [InlineData("The guest linux has no file 'disk'; linux has kernel, initrd, oracle and config, debian has disk.", "path", "linux",
        "disk")]
    public void Wrong_words_are_named(string sentence, params string[] arguments) => AssertFails("lilyvm: " + sentence + "\n", arguments);

    [Theory]
    [InlineData("linux", "kernel", "The Linux guest is not built as the recipe is now; run `lilyvm guest build linux`.")]
    [InlineData("linux", "oracle", "The Linux guest is not built as the recipe is now; run `lilyvm guest build linux --with-oracle`.")]
    [InlineData("linux", "kernel", "The Linux guest is not built as the recipe is now; run `lilyvm guest build linux --arch i386`.",
        "--arch", "i386")]
    [InlineData("debian", "disk", "This Debian disk is not built; run `lilyvm guest rootfs debian`.")]
    public void What_is_not_there_is_told_without_a_download_and_nothing_is_written(
        string guest, string file, string sentence, params string[] more)
    {
        Fake("dpkg-query", "exit 1");
        Fake("apt-get", $"touch {scratch["asked"]}");
        AssertFails($"lilyvm: {sentence}\n", ["path", guest, file, .. more]);
        Assert.Equal(["fakes"], Directory.EnumerateFileSystemEntries(scratch.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("bookworm-security", "http://security.debian.org/debian-security")]
    [InlineData("bookworm-updates", "http://deb.debian.org/debian")]
    public void A_mirror_without_updates_is_found_before_the_build_and_goes_without(string suite, string mirror)
    {
        ShareDownloads();
        Fake("apt-get", Refusing(suite));
        Fake("mmdebstrap", $"printf '%s\\n' \"$@\" >{scratch["given"]}; echo 'E: enough' >&2; exit 25");
        Command.Result result = Run(PathWithFakes, "rootfs", "debian");
        Assert.Equal(1, result.Status);
        Assert.Contains($"The disk goes without some of Debian's updates: {mirror} does not give {suite}: No '{suite}' here.\n",
            result.Error, StringComparison.Ordinal);
        string[] given = File.ReadAllLines(scratch["given"]);
        Assert.Contains("deb http://deb.debian.org/debian bookworm main", given);
        Assert.Equal(2, given.Count(l => l.StartsWith("deb ", StringComparison.Ordinal)));
        Assert.DoesNotContain(given, l => l.Contains(suite, StringComparison.Ordinal));
    }

    [Fact]
    public void A_mirror_without_the_suite_itself_ends_it_before_the_build()
    {
        ShareDownloads();
        Fake("apt-get", Refusing("bookworm"));
        Fake("mmdebstrap", $"touch {scratch["made"]}");
        Command.Result result = Run(PathWithFakes, "rootfs", "debian");
        Assert.Equal(1, result.Status);
        Assert.EndsWith(
            "lilyvm: The Debian root file system cannot be made: http://deb.debian.org/debian does not give bookworm: No " +
            "'bookworm' here.\n", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(scratch["made"]));
    }

    [Fact]
    public void A_home_that_is_missing_is_a_sentence_and_nothing_is_written()
    {
        Command.Result result = Run(
            PathWithFakes, ["path", "linux", "kernel"], cache: "", directory: Directory.CreateDirectory(scratch["here"]).FullName);
        Assert.Equal((1, ""), (result.Status, result.Output));
        Assert.Equal("lilyvm: The home folder /does/not/exist, where the cache would be, is not a folder; set LILYVM_CACHE to a folder " +
            "for prepared guests.\n", result.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(scratch["here"]));
    }

    [Fact]
    public void A_failing_download_is_a_sentence()
    {
        Fake("dpkg-query", "exit 1"); // nothing is installed
        Fake("apt-get", "echo \"E: Could not resolve 'mirror.invalid'\" >&2; exit 100");
        AssertFails(
            "Downloading linux-source-6.1 ...\n" +
            "lilyvm: apt cannot download linux-source-6.1 (are the network and the package index of `apt-get update` all right?): Could " +
            "not resolve 'mirror.invalid'.\n",
            "build", "linux", "--arch", "i386");
        Assert.Empty(Directory.EnumerateFileSystemEntries(scratch["cache/packages"]));
    }

    [Fact]
    public void The_source_of_another_Debian_is_asked_of_each_of_the_machines_mirrors_and_none_having_it_is_a_sentence()
    {
        Fake("dpkg-query", "exit 1");
        string mirrors = Mirrors("http://one.invalid/debian", "http://two.invalid/debian", "http://one.invalid/debian");
        Fake("apt-get", $"{Recording()}; {mirrors}; {Refusing("trixie")}");
        AssertFails(
            "Downloading linux-source-6.12 ...\n" +
            "lilyvm: linux-source-6.12 of Debian's trixie cannot be had: http://one.invalid/debian does not give trixie: No " +
            "'trixie' here; " +
            "http://two.invalid/debian does not give trixie: No 'trixie' here; give this machine's apt a mirror of Debian that " +
            "has trixie.\n",
            "build", "linux");
        Assert.Empty(Directory.EnumerateFileSystemEntries(scratch["cache/packages"]));
    }

    [Fact]
    public void The_source_of_another_Debian_is_fetched_without_the_machines_apt_and_must_be_the_recipes()
    {
        ShareDownloads("busybox-static_amd64");
        scratch.Write("debian/DEBIAN/control",
            "Package: linux-source-6.12\nVersion: 6.12.999\nArchitecture: all\nMaintainer: nobody\nDescription: none\n");
        scratch.Write("linux-source-6.12/Makefile", "");
        Directory.CreateDirectory(scratch["debian/usr/src"]);
        Assert.Equal(0, Command.Run(
            "tar", ["-cJf", scratch["debian/usr/src/linux-source-6.12.tar.xz"], "-C", scratch.Path, "linux-source-6.12"]).Status);
        Assert.Equal(0, Command.Run("dpkg-deb", ["--build", scratch["debian"], scratch["source.deb"]]).Status);
        Fake("dpkg-query", "exit 1");
        string download = $"case $1 in download) cp {scratch["source.deb"]} linux-source-6.12_6.12.999_all.deb ;; esac";
        Fake("apt-get", $"{Recording()}; {Mirrors("http://one.invalid/debian")}; {download}");
        Command.Result result = Run(PathWithFakes, "build", "linux");
        Assert.Equal(1, result.Status);
        Assert.Matches(
            "\nlilyvm: [^\n]*guests/linux/x64/edits\\.txt:[0-9]+: arch/x86/Kconfig is not in this kernel's source; the recipe is for " +
            "another version of it\\.\n$", result.Error);
        string[] calls = File.ReadAllLines(scratch["calls"]);
        Assert.Equal(["indextargets", "update", "download"], calls.Select(c => c.Split(' ')[0]));
        foreach (string setting in (string[])["Dir::State", "Dir::State::Lists", "Dir::Cache", "Dir::Etc::SourceList"])
            Assert.All(calls[1..], c => Assert.Contains($"{setting}={scratch["cache"]}/building/", c, StringComparison.Ordinal));
        Assert.All(calls[1..], c => Assert.Contains("Dir::Etc::SourceParts=/dev/null", c, StringComparison.Ordinal));
        AssertFails(
            "lilyvm: The Linux guest is not built as the recipe is now; run `lilyvm guest build linux`.\n", "path", "linux", "kernel");
    }

    [Fact]
    public void A_missing_tool_is_a_sentence_with_its_package()
    {
        foreach (string tool in (string[])["setpriv", "install"])
            File.CreateSymbolicLink(Path.Combine(Directory.CreateDirectory(scratch["bin"]).FullName, tool), FindTool(tool));
        Command.Result result = Run(scratch["bin"], "rootfs", "debian");
        Assert.NotEqual(0, result.Status);
        Assert.EndsWith("lilyvm: mmdebstrap is missing; install the Debian package mmdebstrap.\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_starts_a_tool_cannot_be_started_is_a_sentence_with_the_reason()
    {
        foreach (string tool in (string[])["realpath", "mmdebstrap"])
            File.CreateSymbolicLink(Path.Combine(Directory.CreateDirectory(scratch["bin"]).FullName, tool), FindTool("true"));
        Command.Result result = Run(scratch["bin"], "rootfs", "debian");
        Assert.Matches("lilyvm: setpriv, of the Debian package util-linux, cannot be started: [^\n]*No such file or directory\\.\n$",
            result.Error);
    }

    [Fact]
    public void A_disk_whose_packages_cannot_be_had_is_a_sentence()
    {
        ShareDownloads();
        Fake("apt-get", "exit 0");
        Fake("mmdebstrap", "echo 'E: apt-get update failed' >&2; exit 25");
        Command.Result result = Run(PathWithFakes, "rootfs", "debian");
        Assert.Equal(1, result.Status);
        Assert.Matches("\nlilyvm: The Debian root file system cannot be made: apt-get update failed \\(all of it is in [^\n]*\\)\\.\n$",
            result.Error);
        AssertFails("lilyvm: This Debian disk is not built; run `lilyvm guest rootfs debian`.\n", "path", "debian", "disk");
    }

    public void Dispose() => scratch.Dispose();

    // What is downloaded once for all tests: all of it, or one package.
    private void ShareDownloads(string package = "")
    {
        foreach (LinuxRecipe recipe in LinuxRecipe.All)
            recipe.Busybox.Get(GuestCache.Find(), new LineProgress(TextWriter.Null));
        string link = scratch[Path.Combine("cache", "packages", package)].TrimEnd('/');
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        Directory.CreateSymbolicLink(link, Path.Combine(GuestCache.Find().SharedDirectory("packages"), package));
    }

    private string Recording() => $"""echo "$*" >>{scratch["calls"]}""";

    private static string Mirrors(params string[] sites) =>
        $"case $1 in indextargets) printf '%s\\n' {string.Join(' ', sites)}; exit ;; esac";

    // An apt-get whose archives have all suites but one.
    private static string Refusing(string suite) =>
        $$"""
        for word; do case $word in Dir::Etc::SourceList=*) list=${word#*=} ;; esac; done
        ! grep -q ' {{suite}} ' "$list" || { echo "E: No '{{suite}}' here" >&2; exit 100; }
        """;

    private string PathWithFakes => $"{scratch["fakes"]}:{Environment.GetEnvironmentVariable("PATH")}";

    private void Fake(string program, string script) => scratch.Write("fakes/" + program, $"#!/bin/sh\n{script}\n", executable: true);

    private void AssertFails(string errors, params string[] arguments)
    {
        Command.Result result = Run(PathWithFakes, arguments);
        Assert.Equal((errors, ""), (result.Error, result.Output));
        Assert.NotEqual(0, result.Status);
    }

    private Command.Result Run(string path, params string[] arguments) => Run(path, arguments, scratch["cache"], directory: null);

    private static Command.Result Run(string path, string[] arguments, string cache, string? directory) => Command.Run(
        FindTool("dotnet"),
        [Path.Combine(AppContext.BaseDirectory, "LilyVM.Cli.dll"), "guest", .. arguments],
        environment: new Dictionary<string, string>
        {
            ["PATH"] = path,
            ["LILYVM_CACHE"] = cache,
            ["LILYVM_HOME"] = Repository.Root,
            ["HOME"] = "/does/not/exist",
            ["XDG_CACHE_HOME"] = "not/absolute",
        },
        directory: directory);

    private static string FindTool(string name) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, name)).First(File.Exists);
}
