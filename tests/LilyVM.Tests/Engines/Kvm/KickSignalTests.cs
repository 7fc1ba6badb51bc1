using LilyVM.Engines.Kvm;

namespace LilyVM.Tests.Engines.Kvm;

/// <summary>
/// The signal that interrupts a KVM guest, without one. A wait that is not ended hangs, and the test runner's limit says so.
/// </summary>
public sealed class KickSignalTests
{
    private const ulong Forever = ulong.MaxValue, Moment = 1_000_000, Long = 3_600_000_000_000;

    [Fact]
    public void One_that_came_before_is_not_lost() => OnThread(kick =>
    {
        kick.Send();
        kick.Send();
        kick.Wait(Forever);
        kick.Wait(0); // two are one; nothing is left
        kick.Wait(Moment);
    });

    [Fact]
    public void Another_thread_ends_a_wait() => OnThread(kick =>
    {
        var other = new Thread(kick.Send);
        other.Start();
        kick.Wait(Forever);
        other.Join();
    });

    [Fact]
    public void The_timer_ends_a_wait_and_can_be_set_anew() => OnThread(kick =>
    {
        kick.SetTimer(Long);
        kick.SetTimer(Moment);
        kick.Wait(Forever);
        kick.SetTimer(1);
        kick.SetTimer(Forever);
        kick.Wait(Moment);
    });

    [Fact]
    public void Without_a_thread_or_after_it_nothing_happens()
    {
        var kick = new KickSignal();
        kick.Send();
        OnThread(kick, k => k.Wait(0));
        kick.Send();
        kick.Dispose();
        kick.Send();
    }

    private static void OnThread(Action<KickSignal> test)
    {
        using var kick = new KickSignal();
        OnThread(kick, test);
    }

    // The thread keeps the signal blocked, so it is one of our own.
    private static void OnThread(KickSignal kick, Action<KickSignal> test)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            failure = Record.Exception(() =>
            {
                _ = kick.Bind();
                test(kick);
            });
        });
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}
