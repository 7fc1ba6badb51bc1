using LilyVM.Hypervisor.Engines.Kernel;
using LilyVM.Hypervisor.Guest;
using LilyVM.Hypervisor.Shared.Kernel;
using LilyVM.Hypervisor.Shared.User;
using LilyVM.Tests.Support;
using StubMachine = LilyVM.Hypervisor.Shared.User.Machine;

namespace LilyVM.Tests.Hypervisor.Shared;

/// <summary>What structures and constants must be that other files rely on.</summary>
public sealed unsafe class LayoutTests
{
    [Fact]
    public void Structures_fit_where_they_lie()
    {
        Assert.InRange(sizeof(StubMachine), 1, (int)(Layout.VcpuOffset - Layout.MachineOffset));
        Assert.InRange(sizeof(Vcpu), 1, (int)(Layout.FpuOffset - Layout.VcpuOffset));
        Assert.InRange(sizeof(RunRecord), 1, (int)KernelLayout.RunRecordPages * 4096);
        Assert.Equal(ShadowTable.Size * sizeof(ulong), sizeof(ShadowTable));
        Assert.Equal(StubSlot.Words * sizeof(ulong), sizeof(StubSlot));
    }

    [Fact]
    public void The_library_of_the_kernel_engine_calls_the_vector_that_the_hypervisor_listens_to()
    {
        string header = File.ReadAllText(Path.Combine(Repository.Root, "native", "vmlib", "ia32", "deprivileged", "hypercall.h"));
        Assert.Contains($"#define HYPERCALL_VECTOR\t0x{KernelLayout.HypercallVector:x}\n", header, StringComparison.Ordinal);
    }
}
