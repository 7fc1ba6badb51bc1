using System.CommandLine;
using LilyVM.Boot;
using LilyVM.Cli.Commands;
using LilyVM.Engines.Kernel;

namespace LilyVM.Tests.Engines;

/// <summary>The kernel engine as far as it goes without its module; with it, the lab's tests go on.</summary>
public sealed class KernelEngineTests
{
    /// <summary>What is wrong and what to do about it.</summary>
    [Theory]
    [InlineData(2, "build and load the kernel module lilyvm (docs/module.md)")]
    [InlineData(13, "join the group lilyvm")]
    [InlineData(1, "join the group lilyvm")]
    [InlineData(5, "reload the kernel module")]
    public void A_device_that_cannot_be_opened_is_told_with_a_remedy(int error, string remedy) =>
        Problem.AssertNames(remedy, ModuleDevice.OpenProblem(error));

    /// <summary>Nobody is told to load what the host does not take.</summary>
    [Fact]
    public void A_host_without_modules_is_said_to_be_one()
    {
        string problem = ModuleDevice.OpenProblem(2, hostTakesModules: false);
        Assert.Equal("There is no /dev/lilyvm, and this host's kernel takes no modules: use another engine (`lilyvm doctor` tells which).",
            problem);
    }

    /// <summary>A module of another version, and a device that is something else.</summary>
    [Fact]
    public void A_wrong_version_is_told_with_the_right_one()
    {
        Assert.Contains("has version 7, and this program needs 1:", ModuleDevice.VersionProblem(7), StringComparison.Ordinal);
        Assert.Contains("is not LilyVM's", ModuleDevice.VersionProblem(-1), StringComparison.Ordinal);
    }

    /// <summary>Where there is no module, the engine is refused by name, and auto takes the user engine.</summary>
    [Fact]
    public void Auto_falls_back()
    {
        Assert.SkipWhen(File.Exists(ModuleDevice.Path), "This host has the kernel module.");
        var e = Assert.Throws<LilyVMException>(() => EngineSelector.Create(EngineKind.Kernel, GuestArchitecture.Ia32, 1 << 20));
        Assert.Contains("There is no /dev/lilyvm", e.Message, StringComparison.Ordinal);
        using LilyVM.Engines.IEngine engine = EngineSelector.Create(EngineKind.Auto, GuestArchitecture.Ia32, 16 << 20);
        Assert.Equal("user", engine.Name);
    }

    /// <summary>Engine and policies arrive in the machine's options; the policies are refused where they mean nothing.</summary>
    [Fact]
    public void Options_are_parsed()
    {
        var arguments = new EngineArguments();
        var command = new Command("x");
        foreach (Option option in arguments.All)
            command.Add(option);
        MachineOptions Parse(string line) => arguments.Apply(command.Parse(line), new MachineOptions { Kernel = "k" });

        MachineOptions options = Parse("--engine kernel --mmu lazy --fpu eager");
        Assert.Equal((EngineKind.Kernel, KernelMmu.Lazy, KernelFpu.Eager), (options.Engine, options.Mmu, options.Fpu));
        options = Parse("");
        Assert.Equal((EngineKind.Auto, KernelMmu.Sync, KernelFpu.Lazy), (options.Engine, options.Mmu, options.Fpu));
        options = Parse("--engine kvm --mmu scan");
        Assert.Equal((EngineKind.Kvm, KernelMmu.Scan, KernelFpu.Lazy), (options.Engine, options.Mmu, options.Fpu));
        void Refused(string line, GuestArchitecture guest, string why)
        {
            var e = Assert.Throws<LilyVMException>(() => arguments.CheckEarly(command.Parse(line), () => guest));
            Assert.StartsWith("--mmu is an option of the kernel engine" + why, e.Message, StringComparison.Ordinal);
        }
        Refused("--engine user --mmu scan", GuestArchitecture.Ia32, "; ");
        Refused("--engine kernel --mmu scan", GuestArchitecture.X64, ", which runs IA-32 guests only");
        Assert.NotEmpty(command.Parse("--mmu fast").Errors);
    }
}
