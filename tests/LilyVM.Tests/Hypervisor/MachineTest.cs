using LilyVM.Hypervisor.Guest;

namespace LilyVM.Tests.Hypervisor;

/// <summary>A test with a <see cref="SimulatedMachine"/> of its own.</summary>
public abstract unsafe class MachineTest : IDisposable
{
    private protected SimulatedMachine Machine { get; } = new();

    private protected Vcpu* Cpu => Machine.Cpu;

    public void Dispose()
    {
        Machine.Dispose();
        GC.SuppressFinalize(this);
    }
}
