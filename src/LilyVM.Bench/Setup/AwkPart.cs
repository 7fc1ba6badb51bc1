namespace LilyVM.Bench.Setup;

/// <summary>
/// Two files of GNU awk with what they include: small enough for a script, so that any Debian system with a compiler can compile them.
/// </summary>
internal sealed class AwkPart(GuestCache cache, StepProgress progress)
{
    // The archive, a folder to unpack it in.
    private const string Pack =
        """
        tar -x -f "$1" -C "$2" --strip-components=2 --wildcards '*/support/random.c' '*/support/localeinfo.c' '*/support/*.h' &&
        tar -c -z --sort=name --mtime=@0 --owner=0 --group=0 -C "$2" . | base64
        """;

    /// <summary>A compressed tar archive of them, in letters (base64).</summary>
    internal string Archive()
    {
        const string Thing = "awk-part";
        using IDisposable _ = cache.Lock(Thing, progress);
        string archive = DebianSource.Gawk.Get(cache, progress), work = cache.WorkDirectory(Thing);
        string packed = new Tool("sh", "dash").Run($"{archive} cannot be unpacked", "-c", Pack, "sh", archive, work);
        Directory.Delete(work, recursive: true);
        return packed;
    }
}
