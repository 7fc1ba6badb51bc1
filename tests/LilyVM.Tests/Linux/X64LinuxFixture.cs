using LilyVM.Cli.Guests;
using LilyVM.Tests.Linux;

[assembly: AssemblyFixture(typeof(X64LinuxFixture))]

namespace LilyVM.Tests.Linux;

/// <summary>
/// The x86-64 guest, built as <c>lilyvm guest build linux --arch x86_64 --with-oracle</c> does. What needs it takes minutes on a fresh machine, and so has
/// the trait <c>Takes=minutes</c>: both guests' kernels are more than one run of the tests has time for.
/// </summary>
public sealed class X64LinuxFixture : LinuxFixture
{
    /// <summary>The x86-64 guest.</summary>
    public X64LinuxFixture()
        : base(LinuxRecipe.X64)
    {
    }
}
