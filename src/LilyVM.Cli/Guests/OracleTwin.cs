using LilyVM.Boot;

namespace LilyVM.Cli.Guests;

/// <summary>
/// The unconverted twin of a converted kernel: the same compiler output, assembled without conversion. Whatever the two do differently is
/// the conversion's fault, not that of another compiler run. The preprocessor leaves <c>X.o.plain</c> beside each <c>X.o</c> when asked;
/// exchanging them and linking again costs seconds where a second build costs minutes.
/// </summary>
internal static class OracleTwin
{
    private const string Plain = ".plain";

    /// <summary>Makes the twin of a built tree in <paramref name="folder"/> and returns the kernel.</summary>
    internal static string Build(KernelTree converted, string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        // A copy, because the converted tree must still be good if this is interrupted.
        new Tool("cp", "coreutils").Run("The build folder cannot be copied", "-a", "--reflink=auto", converted.Folder, folder);
        foreach (string plain in Directory.EnumerateFiles(folder, "*" + Plain, SearchOption.AllDirectories))
            Exchange(plain, plain[..^Plain.Length]);
        KernelTree twin = converted with { Folder = folder };
        twin.Relink();
        if (ConversionNotes.Read(Elf.Load(twin.Kernel)).IsConverted)
            throw new LilyVMException($"The twin kernel {twin.Kernel} holds converted objects; this is a bug in LilyVM.");
        return twin.Kernel;
    }

    // An object that the preprocessor did not change stays, time stamp and all: some of them (vDSO, real mode) are inputs of compilations.
    private static void Exchange(string plain, string converted)
    {
        if (File.ReadAllBytes(plain).AsSpan().SequenceEqual(File.ReadAllBytes(converted)))
            return;
        File.Move(plain, converted, overwrite: true);
        File.SetLastWriteTimeUtc(converted, DateTime.UtcNow); // so that make sees that its archive is older
    }
}
