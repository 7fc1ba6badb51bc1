using LilyVM.Hypervisor.Shared;

namespace LilyVM.Tests.Hypervisor.Shared;

/// <summary>Interrupt lines between the VM process and an engine.</summary>
public sealed class InterruptLinesTests
{
    [Fact]
    public void A_rise_is_kept_though_the_line_falls_at_once()
    {
        InterruptLines lines = default;
        Assert.True(InterruptLines.Set(ref lines, 5, level: true));
        Assert.False(InterruptLines.Set(ref lines, 5, level: true));
        Assert.False(InterruptLines.Set(ref lines, 5, level: false));
        Assert.Equal((0u, 1u << 5), (lines.Levels, lines.Rises));
        Assert.True(InterruptLines.Set(ref lines, 5, level: true));
    }
}
