using LilyVM.Cli.Guests;
using LilyVM.Tests.Linux;

[assembly: AssemblyFixture(typeof(X64LinuxFixture))]

namespace LilyVM.Tests.Linux;

/// <summary>
/// The x86-64 Linux guest, the default, built as <c>lilyvm guest build linux --with-oracle</c> does: minutes on a fresh machine, nothing
/// later.
/// </summary>
public sealed class X64LinuxFixture : LinuxFixture
{
    /// <summary>The x86-64 guest.</summary>
    public X64LinuxFixture()
        : base(LinuxRecipe.X64)
    {
    }
}
