using LilyVM.Native;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Guests;

/// <summary>Multiboot kernels with modules: on QEMU's PC as they are, and converted there and on the machine of --engine native.</summary>
public sealed class MultibootGuestTests(GuestBuild build) : ScratchTest
{
    private const string CommandLine = "hello world";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2); // a healthy guest takes a second

    [Fact]
    public async Task A_guest_gets_what_QEMU_gives_it()
    {
        string modules = Modules();
        string[] options = ["-append", CommandLine, "-initrd", modules];
        Command.Result original = GuestMachine.Run(build.Plain("multiboot"), null, options),
            converted = GuestMachine.Run(build.Converted("multiboot"), build.Library, options);
        Assert.Equal(GuestMachine.Success, original.Status);
        Assert.Contains("\n hello world\n", original.Output, StringComparison.Ordinal);
        Assert.Contains("\n first words\n", original.Output, StringComparison.Ordinal);
        Assert.Equal(original.Output, converted.Output);
        var boot = new QemuBoot { Kernel = build.ForEngine("multiboot"), CommandLine = CommandLine, Initrd = modules, Limit = Limit };
        Assert.Equal(original.Output, (await QemuMachine.RunAsync(boot, TestContext.Current.CancellationToken)).Transcript);
        QemuBoot apart = boot with { Initrd = null, Modules = ModuleOptions.ParseList(modules) };
        Assert.Equal(original.Output, (await QemuMachine.RunAsync(apart, TestContext.Current.CancellationToken)).Transcript);
    }

    [Fact]
    public async Task A_guest_at_its_physical_addresses_runs_natively()
    {
        string modules = Modules();
        Command.Result original = GuestMachine.Run(build.Plain("modules_unpaged"), null, "-initrd", modules);
        Assert.Equal((GuestMachine.Success, "2badb002 00000048 ot\n"), (original.Status, original.Output));
        var boot = new QemuBoot { Kernel = build.ForEngine("modules_unpaged"), Initrd = modules, Limit = Limit };
        Assert.Equal(original.Output, (await QemuMachine.RunAsync(boot, TestContext.Current.CancellationToken)).Transcript);
        QemuBoot unconverted = boot with { Kernel = build.Plain("modules_unpaged"), AllowUnconverted = true };
        Assert.Equal(original.Output, (await QemuMachine.RunAsync(unconverted, TestContext.Current.CancellationToken)).Transcript);
    }

    [Fact]
    public async Task What_cannot_be_had_is_named_before_QEMU_starts()
    {
        var boot = new QemuBoot { Kernel = build.ForEngine("multiboot"), Limit = Limit };
        async Task<string> Refusal(QemuBoot wrong) =>
            (await Assert.ThrowsAsync<LilyVMException>(() => QemuMachine.RunAsync(wrong, TestContext.Current.CancellationToken))).Message;

        Assert.Equal("Cannot read the module /none: there is no such file.", await Refusal(boot with { Initrd = "/none" }));
        Assert.StartsWith("There is no CPU feature 'cx9'", await Refusal(boot with { Cpu = "host,-cx9" }), StringComparison.Ordinal);
        string large = Scratch["large"];
        using (FileStream file = File.Create(large))
            file.SetLength(1L << 30);
        Assert.StartsWith($"The module {large} (1024 MiB) does not fit", await Refusal(boot with { Modules = [new ModuleOptions(large)] }),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feature_that_is_left_out_is_not_seen()
    {
        const uint Cx8 = 1 << 8;
        async Task<uint> Features(string cpu)
        {
            var boot = new QemuBoot { Kernel = build.ForEngine("cpuid"), Cpu = cpu, Limit = Limit };
            return FeaturesIn((await QemuMachine.RunAsync(boot, TestContext.Current.CancellationToken)).Transcript);
        }

        Assert.Equal(0u, await Features("host,-cx8") & Cx8);
        Assert.Equal(Cx8, await Features("host,+cx8") & Cx8);
    }

    /// <summary>CPUID.1:EDX as the guest cpuid prints it.</summary>
    internal static uint FeaturesIn(string transcript) => Convert.ToUInt32(transcript.Split("features=")[1][..8], 16);

    /// <summary>Two modules as QEMU's -initrd takes them.</summary>
    private string Modules() => $"{Scratch.Write("one", "one word")} first words,{Scratch.Write("two", "two words")}";
}
