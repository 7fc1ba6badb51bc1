namespace LilyVM.Cli.Guests;

/// <summary>Test programs of the RAM disk: each C file of a folder becomes one, and lies in a folder of the same name there.</summary>
/// <param name="Folder">The folder: what architectures share is below guests/linux, what is one's own below its folder.</param>
/// <param name="Options">The compiler's.</param>
internal sealed record ProgramGroup(string Folder, IReadOnlyList<string> Options)
{
    // The same for everybody.
    private static readonly string[] Common = ["-Wall", "-Wextra", "-Werror", "-static", "-s", "-Wl,--build-id=none"];

    // No C library: programs that are 32-bit ones then need none of Debian's multilib packages.
    private static readonly string[] Freestanding =
    [
        "-O1", "-std=gnu11", "-ffreestanding", "-nostdlib", "-fno-pic", "-no-pie", "-fno-stack-protector",
        "-fno-asynchronous-unwind-tables", "-fcf-protection=none", "-mno-sse", "-mgeneral-regs-only",
    ];

    /// <summary>Programs of the moved address space, with a C library and threads.</summary>
    internal static readonly ProgramGroup Conformance = new("conformance", [.. Common, "-O1", "-pthread"]);

    /// <summary>Programs that expect of the machine what every Linux on every processor gives them.</summary>
    internal static readonly ProgramGroup Behaviour = Conformance with { Folder = "behaviour" };

    /// <summary>Programs that try to do harm to the kernel.</summary>
    internal static readonly ProgramGroup Hostile = Conformance with { Folder = "hostile" };

    /// <summary>Programs that run beside others, to disturb them.</summary>
    internal static readonly ProgramGroup Beside = Conformance with { Folder = "beside" };

    /// <summary>The first process of a container's machine, no test program: every RAM disk has it.</summary>
    internal static readonly ProgramGroup Container = new("container", [.. Common, "-O2"]);

    /// <summary>Programs that make the kernel use its exception tables.</summary>
    internal static ProgramGroup Faults(params IEnumerable<string> options) => new("faults", [.. Common, .. Freestanding, .. options]);

    /// <summary>Compiles them into a folder.</summary>
    /// <param name="shared">guests/linux.</param>
    /// <param name="own">The architecture's folder in it.</param>
    /// <param name="output">Where the programs go.</param>
    internal void Compile(string shared, string own, string output)
    {
        Directory.CreateDirectory(output);
        string[] include = [.. Folders(shared, own).SelectMany(f => (string[])["-I", f])];
        string? Failure(string source)
        {
            string program = Path.Combine(output, Path.GetFileNameWithoutExtension(source));
            try
            {
                new Tool("gcc", "gcc").Run($"{source} cannot be compiled", [.. Options, .. include, "-o", program, source]);
                return null;
            }
            catch (LilyVMException e)
            {
                return e.Message;
            }
        }
        // As many at a time as there are processors; the first failure in the order of names is told.
        if (Sources(shared, own).AsParallel().AsOrdered().Select(Failure).OfType<string>().FirstOrDefault() is { } failure)
            throw new LilyVMException(failure);
    }

    /// <summary>Its folders that are there.</summary>
    internal IEnumerable<string> Folders(string shared, string own) =>
        ((string[])[Path.Combine(own, Folder), Path.Combine(shared, Folder)]).Where(Directory.Exists);

    /// <summary>Its C files, one a program.</summary>
    internal IEnumerable<string> Sources(string shared, string own) =>
        Folders(shared, own).SelectMany(f => Directory.EnumerateFiles(f, "*.c")).OrderBy(Path.GetFileName, StringComparer.Ordinal);
}
