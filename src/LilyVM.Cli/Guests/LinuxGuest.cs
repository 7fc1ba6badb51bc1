using LilyVM.Audit;
using LilyVM.Boot;

namespace LilyVM.Cli.Guests;

/// <summary>The files of the Linux guest.</summary>
/// <param name="Kernel">The converted kernel.</param>
/// <param name="Initrd">Its initial RAM disk.</param>
/// <param name="Configuration">The kernel's configuration.</param>
/// <param name="Oracle">The unconverted twin of the kernel, if it was asked for.</param>
internal sealed record LinuxFiles(string Kernel, string Initrd, string Configuration, string? Oracle);

/// <summary>Builds Linux by a recipe of guests/linux, and finds what was built.</summary>
internal sealed class LinuxGuest(RecipeFiles files, GuestCache cache, StepProgress progress)
{
    private const string KernelName = "vmlinux", OracleName = "vmlinux.oracle", ConfigurationName = "config", AuditStamp = "audited";

    /// <summary>Where the source comes from; tests have a small one.</summary>
    internal Func<LinuxRecipe, GuestCache, StepProgress, LinuxSource> GetSource { get; init; } = LinuxSource.Get;

    /// <summary>The source if it is there already.</summary>
    internal Func<LinuxRecipe, GuestCache, LinuxSource?> FindSource { get; init; } = LinuxSource.Find;

    /// <summary>Builds what is missing in the cache. Instant, and writes nothing, if nothing is.</summary>
    internal LinuxFiles Build(bool withOracle, int jobs)
    {
        LinuxSource source = GetSource(files.Recipe, cache, progress);
        string entry = EntryName(source);
        string kernels = Find(entry, withOracle) ?? BuildInTurn(source, entry, withOracle, jobs);
        RequireClean(kernels);
        return Files(kernels, new LinuxInitrd(files, cache, progress).Build());
    }

    /// <summary>The finished files, or the sentence that says how to make them. Nothing is downloaded for the answer.</summary>
    internal LinuxFiles Find(bool withOracle)
    {
        string? kernels = FindSource(files.Recipe, cache) is { } source ? Find(EntryName(source), withOracle) : null;
        string? initrd = new LinuxInitrd(files, cache, progress).Find();
        if (kernels is null || initrd is null)
            throw new LilyVMException(
                "The Linux guest is not built as the recipe is now; run `lilyvm guest build " +
                $"linux{files.Recipe.Option}{(withOracle ? " --with-oracle" : "")}`.");
        return Files(kernels, initrd);
    }

    private static LinuxFiles Files(string kernels, string initrd) =>
        new(Path.Combine(kernels, KernelName), initrd, Path.Combine(kernels, ConfigurationName), Oracle(kernels));

    private static string? Oracle(string folder) => Path.Combine(folder, OracleName) is var path && File.Exists(path) ? path : null;

    private string? Find(string entry, bool withOracle) =>
        cache.TryFind(entry) is { } folder && (!withOracle || Oracle(folder) is not null) ? folder : null;

    private string EntryPrefix => $"linux-{files.Recipe.Architecture}-";

    // All that a compiled kernel depends on.
    private string EntryName(LinuxSource source)
    {
        string assembler = Path.Combine(files.Project.AssemblerDirectory, "as");
        if (!File.Exists(assembler))
            throw new LilyVMException($"The assembler preprocessor {assembler} is missing; run ./lilyvm, which builds it.");
        using var key = new CacheKey();
        foreach (string part in files.KernelInputs)
            key.AddFiles(Path.GetRelativePath(files.Shared, part), part);
        foreach (string folder in files.Project.AssemblerSources)
            key.AddFiles(Path.GetFileName(folder), folder);
        return $"{EntryPrefix}{key.Add("source", source.Version)}";
    }

    private string BuildInTurn(LinuxSource source, string entry, bool withOracle, int jobs)
    {
        using IDisposable _ = cache.Lock(entry, progress);
        if (cache.IsDamaged(entry))
            progress.Tell("The kernel in the cache is damaged; building it again.");
        return Find(entry, withOracle) /* by whoever had the lock before */ ?? BuildKernels(source, entry, withOracle, jobs);
    }

    private string BuildKernels(LinuxSource source, string entry, bool withOracle, int jobs)
    {
        // Two work folders: objects compiled without twins are of no use to a build with them.
        string work = Directory.CreateDirectory(Path.Combine(cache.BuildDirectory(entry), withOracle ? "twin" : "plain")).FullName;
        string unpacked = source.Unpack(files, cache, progress), assembler = LinkTo(files.Project.AssemblerDirectory, work);
        var tree = new KernelTree(unpacked, Path.Combine(work, "build"), assembler, CompilerMemory.Make(files, work), files, jobs);
        tree.Configure(progress);
        tree.Build(withOracle, progress);
        progress.Run("Auditing the kernel", () => Audit(tree.Kernel));

        string result = Path.Combine(work, "result");
        Directory.CreateDirectory(result);
        Publish(tree.Kernel, Path.Combine(result, KernelName));
        Publish(Path.Combine(tree.Folder, ".config"), Path.Combine(result, ConfigurationName));
        Publish(Path.Combine(tree.Folder, KernelTree.Statistics), Path.Combine(result, KernelTree.Statistics));
        if (withOracle)
        {
            progress.Run("Linking the unconverted twin", () =>
                Publish(OracleTwin.Build(tree, Path.Combine(work, "oracle")), Path.Combine(result, OracleName)));
        }
        string installed = cache.Install(result, entry);
        Directory.Delete(cache.BuildDirectory(entry), recursive: true);
        cache.DeleteUnfinished(EntryPrefix); // what builds by earlier recipes left
        return installed;
    }

    // make hands the compiler's options to shells as they are, so the preprocessor is named by a path that is as plain as the work
    // folder's.
    private static string LinkTo(string assembler, string work)
    {
        string link = Path.Combine(work, "lily-as");
        File.Delete(link);
        File.CreateSymbolicLink(link, assembler);
        return link;
    }

    private static void Publish(string from, string to) => File.Copy(from, to, overwrite: true);

    // The stamp tells by which allow-list the kernel is clean.
    private void RequireClean(string folder)
    {
        string stamp = Path.Combine(folder, AuditStamp);
        using var key = new CacheKey();
        string wanted = key.AddFiles("allow-list", files.AllowList).ToString();
        if (File.Exists(stamp) && File.ReadAllText(stamp) == wanted)
            return;
        Audit(Path.Combine(folder, KernelName));
        GuestCache.Remember(stamp, wanted);
    }

    private void Audit(string kernel)
    {
        AuditReport report = KernelAudit.Run(Elf.Load(kernel), AllowList.Load(files.AllowList));
        if (report.NoteProblem is not null)
            throw new LilyVMException(report.NoteProblem);
        if (report.Findings.Count > 0)
        {
            AuditFinding first = report.Findings[0];
            throw new LilyVMException(
                $"The kernel fails its audit with {report.Findings.Count} findings, the first `{first.Text}` in {first.Symbol} " +
                $"({first.Why}); " +
                $"run `lilyvm audit {kernel} --allow {files.AllowList}` to see all.");
        }
    }
}
