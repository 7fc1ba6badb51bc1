namespace LilyVM.Tests.Machine;

/// <summary>A test with a <see cref="MachineFixture"/> of its own.</summary>
public abstract class MachineFixtureTest : IDisposable
{
    private protected MachineFixture Fixture { get; } = new();

    public void Dispose()
    {
        Fixture.Dispose();
        GC.SuppressFinalize(this);
    }
}
