using LilyVM.Boot;
using LilyVM.Engines.User;

namespace LilyVM.Tests.Machine;

/// <summary>
/// What is chosen of a level of isolation, and what is said of it. X64KeysLabTests has a host with protection keys and one without.
/// </summary>
public sealed class IsolationTests
{
    private static IsolationLevel Automatic => Isolation.Choose(IsolationLevel.Auto, GuestArchitecture.X64);

    [Fact]
    public void What_is_chosen_by_itself_is_said_and_can_be_asked_for()
    {
        Assert.Contains(Automatic, (IsolationLevel[])[IsolationLevel.Keys, IsolationLevel.None]);
        Assert.Equal(Automatic, Isolation.Choose(Automatic, GuestArchitecture.X64));
        foreach (IsolationLevel everywhere in (IsolationLevel[])[IsolationLevel.None, IsolationLevel.Process])
            Assert.Equal(everywhere, Isolation.Choose(everywhere, GuestArchitecture.X64));
        Assert.EndsWith($"(--isolation {Automatic.ToString().ToLowerInvariant()}).", HostProbe.Isolation(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_level_that_is_not_there_is_a_sentence()
    {
        if (Automatic != IsolationLevel.None)
            return;
        string refusal = Refusal(IsolationLevel.Keys, GuestArchitecture.X64);
        Assert.StartsWith("--isolation keys is not to be had, for ", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(IsolationLevel.Keys)]
    [InlineData(IsolationLevel.Process)]
    [InlineData(IsolationLevel.None)]
    public void An_IA32_guest_has_no_choice(IsolationLevel level)
    {
        Assert.StartsWith("--isolation is for x86-64 guests: ", Refusal(level, GuestArchitecture.Ia32), StringComparison.Ordinal);
        Assert.Equal(IsolationLevel.Auto, Isolation.Choose(IsolationLevel.Auto, GuestArchitecture.Ia32));
    }

    [Theory]
    [InlineData("vmlib.user-x64.bin", 0)]
    [InlineData("vmlib.keyed-x64.bin", 3)]
    public void Who_uses_no_keys_does_not_pay_for_them(string image, int changes)
    {
        ReadOnlySpan<byte> wrpkru = [0x0F, 0x01, 0xEF];
        Assert.Equal(changes, Resource.Read(image).AsSpan().Count(wrpkru));
    }

    private static string Refusal(IsolationLevel level, GuestArchitecture guest) =>
        Assert.Throws<LilyVMException>(() => Isolation.Choose(level, guest)).Message;
}
