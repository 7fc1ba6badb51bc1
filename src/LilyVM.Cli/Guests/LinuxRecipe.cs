using LilyVM.Boot;

namespace LilyVM.Cli.Guests;

/// <summary>
/// What the Linux guests of two architectures differ in. Everything else about them is written once, and takes this as a value.
/// </summary>
/// <param name="Architecture">As <c>--arch</c> and kbuild's <c>ARCH=</c> name it.</param>
/// <param name="Guest">What the kernel's file says of itself.</param>
/// <param name="Folder">The folder of its own files below guests/linux.</param>
/// <param name="DebianArchitecture">As Debian names it.</param>
/// <param name="Source">The package with the kernel's source.</param>
/// <param name="Programs">The test programs in its RAM disk.</param>
/// <param name="UsualInputs">Inputs of the compiler and the assembler in a build; only scales the progress bar.</param>
internal sealed record LinuxRecipe(
    string Architecture, GuestArchitecture Guest, string Folder, string DebianArchitecture, DebianPackage Source,
        IReadOnlyList<ProgramGroup> Programs, int UsualInputs)
{
    /// <summary>Debian 12's Linux for 32-bit processors.</summary>
    internal static readonly LinuxRecipe I386 = new(
        "i386", GuestArchitecture.Ia32, "ia32", "i386", new DebianPackage("linux-source-6.1", "usr/src/linux-source-6.1.tar.xz"),
        [ProgramGroup.Faults("-m32", "-march=i686")],
        UsualInputs: 780);

    /// <summary>Debian 13's Linux, moved to the lower half of the address space.</summary>
    internal static readonly LinuxRecipe X64 = new(
        "x86_64", GuestArchitecture.X64, "x64", "amd64", new DebianPackage("linux-source-6.12", "usr/src/linux-source-6.12.tar.xz",
            Suite: "trixie"),
        [ProgramGroup.Faults("-m64", "-mno-red-zone"), ProgramGroup.Conformance, ProgramGroup.Behaviour, ProgramGroup.Hostile,
            ProgramGroup.Beside],
        UsualInputs: 985);

    /// <summary>All of them; the first is what commands take that are told nothing else.</summary>
    internal static readonly IReadOnlyList<LinuxRecipe> All = [X64, I386];

    /// <summary>What commands take that are told nothing else: the guest that every host runs directly.</summary>
    internal static LinuxRecipe Default => All[0];

    /// <summary>Debian's static busybox, the guest's programs.</summary>
    internal DebianPackage Busybox => new("busybox-static:" + DebianArchitecture, "bin/busybox");

    /// <summary>What a user adds to a command to get this recipe, with a blank before it; nothing for the default.</summary>
    internal string Option => this == Default ? "" : " --arch " + Architecture;

    /// <summary>The recipe of that name.</summary>
    internal static LinuxRecipe Of(string architecture) => All.First(r => r.Architecture == architecture);

    /// <summary>The recipe that goes with a kernel's file.</summary>
    internal static LinuxRecipe Of(GuestArchitecture guest) => All.First(r => r.Guest == guest);
}
