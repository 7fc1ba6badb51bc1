namespace LilyVM.Bench.Setup;

/// <summary>The root file system of the experiment: one tree, and one disk image made of it.</summary>
/// <param name="Target">Its architecture.</param>
/// <param name="Folder">Folder that holds both.</param>
internal sealed record BenchSystem(BenchTarget Target, string Folder)
{
    /// <summary>Name of the disk image in the folder.</summary>
    internal const string DiskName = "disk.ext4";

    /// <summary>The files, for programs that run natively.</summary>
    internal string Tree => Path.Combine(Folder, "tree");

    /// <summary>The same files, for machines.</summary>
    internal string Disk => Path.Combine(Folder, DiskName);
}

/// <summary>
/// Makes the root file system: Debian with a compiler, the measuring program in /bench beside a static shell with its programs and the load
/// of forks, and the configured source of GNU awk in /root/gawk.
/// </summary>
internal sealed class BenchSystemBuild(BenchTarget target, ProjectFiles files, GuestCache cache, StepProgress progress)
{
    private const string Size = "3G", ForksName = "forks";

    // What the load calls, and a program that does nothing.
    private static readonly string[] Applets = ["sh", "sed", "cat", "wc", "gzip", "gunzip", "stat", "true"];

    // Debian took the manual out of the source, and awklib cuts its programs out of that.
    private const string Configure = "cd /root/gawk && ./configure && for folder in doc awklib; do echo all: >$folder/Makefile; done";

    // What a kernel that is itself a process of the host (User Mode Linux) starts: it has the script on its second disk.
    private const string Init =
        """
        #!/bin/sh
        export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TERM=dumb
        mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t tmpfs tmpfs /tmp
        cat /dev/ubdb >/tmp/script
        sh /tmp/script </dev/null
        echo "@status $?"
        exec /bench/micro --power-off

        """;

    // The guest's own script, so that the load is the one that is measured in the lab.
    private string Forks => Path.Combine(files.LinuxRecipes, "initrd", "scripts", ForksName);

    /// <summary>Makes what is not in the cache.</summary>
    internal BenchSystem Build()
    {
        string debian = new DebianDisk(target.Recipe, WithCompiler: true, DebianDisk.DefaultSize).Build(cache, progress);
        string micro = new MeasuringProgram(target, files, cache, progress).Build();
        (string busybox, string version) = target.Recipe.Busybox.Get(cache, progress);
        string entry = EntryName(debian, micro, version);
        if (cache.TryFind(entry) is { } finished)
            return new BenchSystem(target, finished);
        using IDisposable _ = cache.Lock(entry, progress);
        if (cache.TryFind(entry) is { } meanwhile)
            return new BenchSystem(target, meanwhile);
        string gawk = DebianSource.Gawk.Get(cache, progress), work = cache.BuildDirectory(entry); // debugfs takes no blanks
        Directory.Delete(work, recursive: true); // half of an interrupted one
        Directory.CreateDirectory(work);
        var system = new BenchSystem(target, Path.Combine(work, "result"));
        string log = Path.Combine(work, "log");
        using ForeignPrograms? programs = target.Recipe == LinuxRecipe.I386 ? ForeignPrograms.Enable(cache, progress) : null;
        progress.Run("Making the root file system of the experiment", 4, tell =>
        {
            tell(0, "reading the Debian disk");
            Unpack(debian, system.Tree, log);
            tell(1, "adding the measuring program");
            AddPrograms(system.Tree, micro, busybox);
            tell(2, "configuring GNU awk");
            AddGawk(system, gawk, log);
            tell(3, "making the disk image");
            new Tool("mke2fs", "e2fsprogs") { Log = log }.Run(
                "The disk image cannot be made", "-q", "-F", "-t", "ext4", "-d", system.Tree, system.Disk, Size);
        });
        string installed = cache.Install(system.Folder, entry);
        Directory.Delete(work, recursive: true);
        return new BenchSystem(target, installed);
    }

    private string EntryName(string debian, string micro, string busybox)
    {
        using var key = new CacheKey();
        key.Add("debian", Path.GetFileName(Path.GetDirectoryName(debian)!)).Add("gawk", DebianSource.Gawk.Archive).Add("size", Size);
        key.Add("init", Init).Add("configure", Configure).Add("busybox", busybox).Add("applets", string.Join(' ', Applets));
        return $"bench-{target}-{key.AddFiles("micro", micro).AddFiles(ForksName, Forks)}";
    }

    private static void Unpack(string image, string tree, string log)
    {
        Directory.CreateDirectory(tree);
        (_, _, string errors) = new Tool("debugfs", "e2fsprogs") { Log = log }.TryRun("-R", $"rdump / {tree}", image);
        // It complains of owners that it may not set, and says by no status whether all else went well.
        if (!File.Exists(Path.Combine(tree, "usr", "bin", "make")))
            throw new LilyVMException($"The Debian disk {image} cannot be read: {errors.Split('\n')[0]}");
    }

    private void AddPrograms(string tree, string micro, string busybox)
    {
        string folder = Path.Combine(tree, "bench"), init = Path.Combine(folder, "init");
        Directory.CreateDirectory(folder);
        File.Copy(micro, Path.Combine(folder, "micro"));
        File.WriteAllText(init, Init);
        new Tool("chmod", "coreutils").Run("The experiment's init cannot be made a program", "755", init);
        string applets = Directory.CreateDirectory(Path.Combine(folder, "applets")).FullName;
        File.Copy(busybox, Path.Combine(folder, "busybox"));
        foreach (string applet in Applets)
            File.CreateSymbolicLink(Path.Combine(applets, applet), "../busybox");
        File.Copy(Forks, Path.Combine(folder, ForksName));
    }

    private static void AddGawk(BenchSystem system, string archive, string log)
    {
        string folder = Path.Combine(system.Tree, "root", "gawk");
        Directory.CreateDirectory(folder);
        string[] options = ["--strip-components=1", "--no-same-owner"];
        new Tool("tar", "tar") { Log = log }.Run($"{archive} cannot be unpacked", ["-x", "-f", archive, "-C", folder, .. options]);
        InTree(system, log, "GNU awk cannot be configured", Configure);
    }

    private static void InTree(BenchSystem system, string log, string failure, string command) =>
        new Tool(TreeCommand.Program, "util-linux") { Log = log }.Run(failure, TreeCommand.Arguments(system, [], "sh", "-c", command));
}
