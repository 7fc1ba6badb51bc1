using LilyVM.Engines;
using LilyVM.Engines.User;

namespace LilyVM;

/// <summary>Chooses and makes engines.</summary>
internal static class EngineSelector
{
    /// <summary>Makes an engine with so many bytes of guest RAM.</summary>
    internal static IEngine Create(EngineKind kind, uint ramBytes) => kind switch
    {
        EngineKind.Auto or EngineKind.User => UserEngine.Create(ramBytes),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
