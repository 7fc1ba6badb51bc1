namespace LilyVM.Tests.Recipes;

/// <summary>A test with a <see cref="ScratchFolder"/> of its own.</summary>
public abstract class ScratchTest : IDisposable
{
    private protected ScratchFolder Scratch { get; } = new();

    public void Dispose()
    {
        Scratch.Dispose();
        GC.SuppressFinalize(this);
    }
}
