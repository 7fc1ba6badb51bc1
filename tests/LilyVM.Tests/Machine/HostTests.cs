using LilyVM.Boot;
using LilyVM.Memory;

namespace LilyVM.Tests.Machine;

public class HostTests
{
    [Fact]
    public void The_host_s_memory_is_read_from_its_list_or_not_known()
    {
        Assert.Equal(8_000_000L << 10, HostMemory.Parse(["MemTotal:        8000000 kB", "MemFree: 1 kB"]));
        Assert.Null(HostMemory.Parse(["MemFree: 1 kB", "MemTotal: many kB"]));
        Assert.InRange(HostMemory.TotalBytes() ?? 0, 1 << 28, 1L << 50);
    }

    [Fact]
    public void The_time_stamp_counter_s_frequency_is_that_of_a_processor_and_always_the_same()
    {
        uint first = new TscClock().KiloHertz(), second = new TscClock().KiloHertz();
        Assert.InRange(first, 500_000u, 10_000_000u);
        Assert.InRange(second, first * 0.99, first * 1.01);
    }
}
