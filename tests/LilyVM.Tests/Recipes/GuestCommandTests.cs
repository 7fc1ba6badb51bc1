using LilyVM.Tests.Support;

namespace LilyVM.Tests.Recipes;

/// <summary>The guest commands as users meet them when something is missing: one sentence, a non-zero status, nothing left behind that looks finished.</summary>
public sealed class GuestCommandTests : IDisposable
{
    private readonly ScratchFolder scratch = new();

    [Theory]
    [InlineData("'minix' is no guest that this command knows, which are: linux; see lilyvm guest build --help.", "build", "minix")]
    [InlineData("'linux' is no guest that this command knows, which are: debian; see lilyvm guest rootfs --help.", "rootfs", "linux")]
    [InlineData("--jobs takes a number from 1; see lilyvm guest build --help.", "build", "linux", "--jobs", "0")]
    [InlineData("'3' is no disk size; give a number and M or G, such as 2G.", "rootfs", "debian", "--size", "3")]
    [InlineData("This Debian disk is not built; run `lilyvm guest rootfs debian --with-compiler --size 3G`.", "path", "debian", "disk", "--with-compiler", "--size", "3G")]
    [InlineData("The guest linux has no file 'disk'; linux has kernel, initrd, oracle and config, debian has disk.", "path", "linux", "disk")]
    public void Wrong_words_are_named(string sentence, params string[] arguments) => AssertFails("lilyvm: " + sentence + "\n", arguments);

    [Fact]
    public void A_failing_download_is_a_sentence()
    {
        Fake("dpkg-query", "exit 1"); // nothing is installed
        Fake("apt-get", "echo \"E: Could not resolve 'mirror.invalid'\" >&2; exit 100");
        AssertFails(
            "Downloading linux-source-6.1 ...\n" +
            "lilyvm: apt cannot download linux-source-6.1 (are the network and the package index of `apt-get update` all right?): Could not resolve 'mirror.invalid'.\n",
            "build", "linux");
        Assert.Empty(Directory.EnumerateFileSystemEntries(scratch["cache/packages"]));
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
        foreach (string tool in (string[])["dpkg-query", "mmdebstrap"])
            File.CreateSymbolicLink(Path.Combine(Directory.CreateDirectory(scratch["bin"]).FullName, tool), FindTool("true"));
        Command.Result result = Run(scratch["bin"], "rootfs", "debian");
        Assert.Matches("lilyvm: setpriv, of the Debian package util-linux, cannot be started: [^\n]*No such file or directory\\.\n$", result.Error);
    }

    [Fact]
    public void A_disk_whose_packages_cannot_be_had_is_a_sentence()
    {
        Fake("mmdebstrap", "echo 'E: apt-get update failed' >&2; exit 25");
        Command.Result result = Run(PathWithFakes, "rootfs", "debian");
        Assert.Equal(1, result.Status);
        Assert.Matches("(?s)Trying again without Debian's security updates .*\nlilyvm: The Debian root file system cannot be made: apt-get update failed \\(all of it is in [^\n]*\\)\\.\n$", result.Error);
        AssertFails("lilyvm: This Debian disk is not built; run `lilyvm guest rootfs debian`.\n", "path", "debian", "disk");
    }

    public void Dispose() => scratch.Dispose();

    private string PathWithFakes => $"{scratch["fakes"]}:{Environment.GetEnvironmentVariable("PATH")}";

    private void Fake(string program, string script) => scratch.Write("fakes/" + program, $"#!/bin/sh\n{script}\n", executable: true);

    private void AssertFails(string errors, params string[] arguments)
    {
        Command.Result result = Run(PathWithFakes, arguments);
        Assert.Equal((errors, ""), (result.Error, result.Output));
        Assert.NotEqual(0, result.Status);
    }

    private Command.Result Run(string path, params string[] arguments) => Command.Run(
        FindTool("dotnet"),
        [Path.Combine(AppContext.BaseDirectory, "LilyVM.Cli.dll"), "guest", .. arguments],
        environment: new Dictionary<string, string> { ["PATH"] = path, ["LILYVM_CACHE"] = scratch["cache"], ["LILYVM_HOME"] = Repository.Root });

    private static string FindTool(string name) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, name)).First(File.Exists);
}
