using System.Text.RegularExpressions;
using LilyVM.Cli.Guests;

namespace LilyVM.Cli.Containers;

/// <summary>An image that is ready to be run.</summary>
/// <param name="Root">Its root as a file system that is only read (EROFS).</param>
/// <param name="Configuration">How it is run.</param>
/// <param name="Names">Its users.</param>
internal sealed record ReadyImage(string Root, ImageConfiguration Configuration, UserNames Names);

/// <summary>
/// Images in the cache, by the digest of their manifests: skopeo copies one, umoci unpacks it, mkfs.erofs makes one file of it. An image of
/// a registry is asked for once, as docker does, unless that is asked for.
/// </summary>
internal sealed partial class ImageStore(GuestCache cache, StepProgress progress)
{
    /// <summary>The programs that make images ready.</summary>
    internal static readonly IReadOnlyList<HostProgram> Programs =
        [new("skopeo", "skopeo"), new("umoci", "umoci"), new("mkfs.erofs", "erofs-utils")];

    private const string RootName = "root.erofs", ConfigurationName = "config.json", PasswordsName = "passwd", GroupsName = "group";
    private const string Architecture = "amd64", Tag = "image";

    /// <summary>The image, made ready if it is not.</summary>
    /// <param name="reference">Its name.</param>
    /// <param name="askAgain">Whether a registry is asked though an image of that name is there.</param>
    internal ReadyImage Get(ImageReference reference, bool askAgain)
    {
        string stamp = reference.DigestInFolder() ?? reference.Stamp();
        string memory = Path.Combine(cache.Root, "ready-" + EntryName(reference.Text));
        if (!askAgain && Known(memory, stamp) is { } known)
            return known;
        foreach (HostProgram program in Programs)
            program.Require();
        string entry = Make(reference);
        GuestCache.Remember(memory, $"{stamp}\n{entry}");
        return Read(cache.TryFind(entry)
            ?? throw new LilyVMException($"The image {reference.Text} was removed from the cache; run this again."));
    }

    private ReadyImage? Known(string memory, string stamp) =>
        File.Exists(memory) && File.ReadAllLines(memory) is [var then, var entry] && then == stamp && cache.FindQuickly(entry) is { } folder
            ? Read(folder)
            : null;

    private static ReadyImage Read(string folder) => new(
        Path.Combine(folder, RootName),
        ImageConfiguration.Parse(File.ReadAllBytes(Path.Combine(folder, ConfigurationName))),
        new UserNames(File.ReadAllText(Path.Combine(folder, PasswordsName)), File.ReadAllText(Path.Combine(folder, GroupsName))));

    private static string EntryName(string text)
    {
        using var key = new CacheKey();
        return $"image-{key.Add("image", text)}";
    }

    // Returns the entry's name, which the digest decides: known only when the image is here.
    private string Make(ImageReference reference)
    {
        string copying = EntryName("copy of " + reference.Text);
        using IDisposable _ = cache.Lock(copying, progress);
        string work = cache.WorkDirectory(copying);
        try
        {
            string layout = Path.Combine(work, "layout");
            progress.Run($"Copying the image {reference.Text}", () =>
                Run(reference, "skopeo", work, "copy", "--quiet", reference.Text, $"oci:{layout}:{Tag}"));
            var copied = new OciLayout(layout);
            string digest = copied.Find(Tag) ?? throw new LilyVMException($"The image {reference.Text} has no manifest.");
            byte[] configuration = copied.ReadConfiguration(digest);
            string architecture = ImageConfiguration.Parse(configuration).Architecture;
            if (architecture != Architecture)
                throw new LilyVMException(
                    $"The image {reference.Text} is for {architecture}, and machines run {Architecture}; choose one for that.");
            string entry = EntryName(digest);
            if (cache.TryFind(entry) is null)
                Install(reference, work, configuration, entry);
            return entry;
        }
        finally
        {
            Delete(work); // nothing half-made is kept
        }
    }

    private void Install(ImageReference reference, string work, byte[] configuration, string entry)
    {
        using IDisposable _ = cache.Lock(entry, progress);
        string unpacked = Path.Combine(work, "root"), result = Path.Combine(work, "result");
        bool isRoot = Environment.IsPrivilegedProcess;
        progress.Run($"Unpacking the image {reference.Text}", () => Run(
            reference, "umoci", work, ["raw", "unpack", .. isRoot ? (string[])[] : ["--rootless"], "--image", $"layout:{Tag}", "root"]));
        Directory.CreateDirectory(result);
        File.WriteAllBytes(Path.Combine(result, ConfigurationName), configuration);
        Copy(Path.Combine(unpacked, "etc", PasswordsName), Path.Combine(result, PasswordsName));
        Copy(Path.Combine(unpacked, "etc", GroupsName), Path.Combine(result, GroupsName));
        // Without root all files are ours; in the machine they are root's.
        progress.Run("Making a file system of it", () => Run(
            reference, "mkfs.erofs", work,
            ["--quiet", "--preserve-mtime", .. isRoot ? (string[])[] : ["--all-root", "-x-1"], Path.Combine("result", RootName), "root"]));
        cache.Install(result, entry);
    }

    // Not through links, which an image may have point anywhere.
    private static void Copy(string from, string to)
    {
        bool isPlain = File.Exists(from) && File.ResolveLinkTarget(from, false) is null
            && Directory.ResolveLinkTarget(Path.GetDirectoryName(from)!, false) is null;
        File.WriteAllBytes(to, isPlain ? File.ReadAllBytes(from) : []);
    }

    private static void Run(ImageReference reference, string program, string work, params string[] arguments)
    {
        (int status, string output, string errors) = new Tool(program, program) { Directory = work }.TryRun(arguments);
        if (status == 0)
            return;
        string said = errors.Length > 0 ? errors : output;
        string why = said.Contains("no space left on device", StringComparison.OrdinalIgnoreCase)
            ? "the disk is full; free some space (`lilyvm cache` shows what the cache holds) and run this again"
            : Reason(said) ?? $"{program} ended with status {status}";
        throw new LilyVMException($"The image {reference.Text} cannot be used: {why}.");
    }

    // skopeo writes time, level and message; umoci a sign before its message.
    private static string? Reason(string said)
    {
        string? line = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
        if (line is null)
            return null;
        Match message = Message().Match(line);
        return (message.Success ? Regex.Unescape(message.Groups[1].Value) : line).TrimStart('⨯', ' ').TrimEnd('.', ' ');
    }

    private static void Delete(string work)
    {
        if (!Directory.Exists(work))
            return;
        if (!Environment.IsPrivilegedProcess) // folders of an image may be read-only
            new Tool("chmod", "coreutils").TryRun("-R", "u+rwX", work);
        Directory.Delete(work, recursive: true);
    }

    [GeneratedRegex("""msg="((?:[^"\\]|\\.)*)"$""")]
    private static partial Regex Message();
}
