using System.Text;
using LilyVM.Cli.Guests;

namespace LilyVM.Cli.Lab;

/// <summary>
/// The RAM disk of a run: busybox, lilyvm with its C library and the prepared guest, the kernel modules, the command and its files. Written
/// anew for each run, which takes less time than looking whether an old one would do.
/// </summary>
internal sealed class LabImage(ProjectFiles files, GuestCache cache, StepProgress progress)
{
    private const string Program = "LilyVM.Cli";

    private static readonly DebianPackage Busybox = new("busybox-static:amd64", "bin/busybox");

    // All that lilyvm's ELF headers name, and what .NET's random numbers come from.
    private static readonly string[] Libraries =
    [
        "lib64/ld-linux-x86-64.so.2", "lib/x86_64-linux-gnu/libc.so.6", "lib/x86_64-linux-gnu/libm.so.6",
        "usr/lib/x86_64-linux-gnu/libcrypto.so.3", "usr/lib/x86_64-linux-gnu/libssl.so.3",
    ];

    private static readonly string[] Folders =
    [
        "bin", "dev", "lab", "lib", "lib/modules", "lib/x86_64-linux-gnu", "lib64", "opt", "opt/lilyvm", "opt/lilyvm/guest", "proc",
            "root", "sys",
        "tmp", "usr", "usr/lib", "usr/lib/x86_64-linux-gnu", "work",
    ];

    /// <summary>Writes it.</summary>
    internal void Write(string path, LabOptions options, IEnumerable<string> modules)
    {
        using FileStream output = File.Create(path);
        var archive = new CpioArchive(output);
        foreach (string folder in Folders)
            archive.AddFolder(folder);
        archive.AddCharacterDevice("dev/console", 5, 1); // init's standard streams; the rest comes with devtmpfs
        void Add(string name, string source, bool executable) => archive.AddFile(name, File.ReadAllBytes(source), executable);

        Add("init", Path.Combine(files.Home, "lab", "init"), executable: true);
        AddBusybox(archive);
        foreach (string library in Libraries)
            Add(library, "/" + library, executable: true);
        AddLilyvm(archive);
        foreach ((int number, string module) in modules.Index())
            Add($"lib/modules/{number:00}-{Path.GetFileName(module)}", module, executable: false);
        foreach (string file in options.Files)
            Add("work/" + Path.GetFileName(file), file, executable: true);
        if (options.Command.Count > 0)
        {
            string command = $"exec {string.Join(' ', options.Command.Select(Quote))}\n";
            archive.AddFile("lab/command", Encoding.UTF8.GetBytes(command), executable: false);
        }
        archive.End();
    }

    /// <summary>A word for a shell.</summary>
    internal static string Quote(string word) => "'" + word.Replace("'", @"'\''", StringComparison.Ordinal) + "'";

    private void AddBusybox(CpioArchive archive)
    {
        string busybox = Busybox.Get(cache, progress).Path;
        archive.AddFile("bin/busybox", File.ReadAllBytes(busybox), executable: true);
        foreach (string applet in new Tool(busybox, "busybox-static").Run("busybox does not run", "--list").Split('\n'))
        {
            if (applet != "busybox")
                archive.AddLink("bin/" + applet, "busybox");
        }
    }

    private void AddLilyvm(CpioArchive archive)
    {
        string folder = files.ProgramDirectory;
        if (!File.Exists(Path.Combine(folder, Program)))
            throw new LilyVMException($"{folder} does not hold lilyvm compiled ahead of time; run ./lilyvm, which builds it.");
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            archive.AddFile("opt/lilyvm/" + Path.GetFileName(file), File.ReadAllBytes(file), executable: true);
        archive.AddLink("bin/lilyvm", "../opt/lilyvm/" + Program);
        (string kernel, string initrd) = PreparedLinux.GetOrBuild(LinuxRecipe.I386, progress);
        archive.AddFile("opt/lilyvm/guest/" + PreparedLinux.KernelName, File.ReadAllBytes(kernel), executable: false);
        archive.AddFile("opt/lilyvm/guest/" + PreparedLinux.InitrdName, File.ReadAllBytes(initrd), executable: false);
    }
}
