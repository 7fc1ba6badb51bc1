using LilyVM.Boot;

namespace LilyVM.Bench.Lab;

/// <summary>What every contender of the experiment in the lab is given: the same files.</summary>
/// <param name="Program">The lilyvm command.</param>
/// <param name="Kernels">The guest and the unconverted twin of its kernel.</param>
/// <param name="Micro">The measuring program.</param>
/// <param name="Disk">A disk with a system that scripts run in; without one they run in the RAM disk's.</param>
internal sealed record LabSystem(string Program, LinuxFiles Kernels, string Micro, string? Disk)
{
    /// <summary>Writes the guest's RAM disk with the measuring program in it.</summary>
    internal string WriteRamDisk(string folder)
    {
        string path = Path.Combine(folder, "initrd");
        File.WriteAllBytes(path, RamDisks.Join(File.ReadAllBytes(Kernels.Initrd), CpioArchive.Make(AddMicro)));
        return path;
    }

    /// <summary>Adds the measuring program and the file that it opens.</summary>
    internal void AddMicro(CpioArchive archive)
    {
        archive.AddFolder("etc");
        archive.AddFile("etc/passwd", "root:x:0:0:root:/:/bin/sh\n"u8, executable: false);
        archive.AddFolder("bench");
        archive.AddFile("bench/micro", File.ReadAllBytes(Micro), executable: true);
    }
}
