using LilyVM.Boot;

namespace LilyVM;

/// <summary>No engine runs guests of this architecture.</summary>
public sealed class NoEngineException : NotDirectlyException
{
    /// <summary>Creates the error with its sentence.</summary>
    public NoEngineException(GuestArchitecture architecture)
        : base(Fact(architecture), $"{Fact(architecture)}: use --engine native of `lilyvm boot`, which runs them in QEMU.")
    {
    }

    private static string Fact(GuestArchitecture architecture) => $"No engine runs {architecture?.Name} guests directly yet";
}
