using LilyVM.Cli.Guests;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Linux;

/// <summary>An image with a few users, made on the spot of Debian's busybox: skopeo's name for it, and a folder for more.</summary>
public sealed class BusyboxImage : IDisposable
{
    private readonly ScratchFolder folder = new();

    public BusyboxImage()
    {
        string busybox = LinuxRecipe.X64.Busybox.Get(GuestCache.Find(), new LineProgress(Console.Error)).Path;
        Directory.CreateDirectory(folder["root/bin"]);
        File.Copy(busybox, folder["root/bin/busybox"]);
        foreach (string line in Command.Run(busybox, ["--list"]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line != "busybox")
                File.CreateSymbolicLink(folder["root/bin/" + line], "busybox");
        }
        folder.Write("root/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nwww:x:33:34:www:/var/www:/bin/sh\n");
        folder.Write("root/etc/group", "root:x:0:\nwww:x:34:\nextra:x:77:www\n");
        folder.Write("root/script", "#!/bin/sh\necho \"script $*\"\n", executable: true);
        Assert.Equal(0, Command.Run("chmod", ["-R", "a+rX", folder["root"]]).Status);
        Umoci("init", "--layout", "layout");
        Umoci("new", "--image", "layout:small");
        Umoci("insert", "--image", "layout:small", "root", "/");
        Umoci("config", "--image", "layout:small", "--config.env", "PATH=/bin", "--config.env", "GREETING=hello there", "--config.cmd",
            "sh",
            "--config.cmd", "-c", "--config.cmd", "echo the image says $GREETING");
        Umoci("config", "--image", "layout:small", "--tag", "service", "--config.entrypoint", "/script", "--config.entrypoint", "first",
            "--config.workingdir", "/var/lib/service", "--config.user", "www", "--config.stopsignal", "SIGUSR1", "--clear=config.cmd");
        Umoci("config", "--image", "layout:small", "--tag", "foreign", "--architecture", "arm64");
    }

    /// <summary>The image whose command is a shell's.</summary>
    internal string Small => $"oci:{Layout}:small";

    /// <summary>One with an entry point, a working folder, a user and a signal to stop.</summary>
    internal string Service => $"oci:{Layout}:service";

    /// <summary>One for another processor.</summary>
    internal string Foreign => $"oci:{Layout}:foreign";

    /// <summary>The folder with all of them.</summary>
    internal string Layout => folder["layout"];

    public void Dispose() => folder.Dispose();

    private void Umoci(params string[] arguments)
    {
        Command.Result result = Command.Run("umoci", arguments, directory: folder.Path);
        Assert.True(result.Status == 0, result.Output + result.Error);
    }
}
