using LilyVM.Native;

namespace LilyVM.Cli.Terminal;

/// <summary>A machine to be made once it is known where its consoles go.</summary>
/// <param name="console">Of the first serial port.</param>
/// <param name="second">Of the second one, if there is one.</param>
/// <param name="initrdSupplement">What Linux unpacks over its RAM disk.</param>
internal delegate IMachine MachineMaker(MachineConsole console, MachineConsole? second, ReadOnlyMemory<byte> initrdSupplement);

/// <summary>What a session runs.</summary>
/// <param name="Make">Makes the machine.</param>
internal sealed record MachinePlan(MachineMaker Make)
{
    /// <summary>Makes a machine where the first one cannot run, having said why; it may throw, if there is none either.</summary>
    internal Func<NotDirectlyException, MachineMaker>? Fallback { get; init; }

    /// <summary>
    /// Whether the guest is the prepared one, which learns its terminal's size on its second serial port (<see cref="SizeLine"/>).
    /// </summary>
    internal bool FollowsSize { get; init; }

    /// <summary>Says what is to be known of the first machine, before it starts.</summary>
    internal Action<IMachine>? Announce { get; init; }

    /// <summary>How its counters are printed.</summary>
    internal CounterFormat Counters { get; init; }

    /// <summary>A machine of an engine, which tells what the host refuses it.</summary>
    internal static MachineMaker Of(MachineOptions options, TextWriter errors) => (console, second, supplement) =>
        new VirtualMachine(options with
    {
        Console = console,
        SecondConsole = second,
        InitrdSupplement = supplement,
        Warning = text => MachineSession.Warn(text, errors),
    });

    /// <summary>A bare machine that QEMU emulates.</summary>
    internal static MachineMaker Of(QemuBoot boot, TextWriter errors) => (console, second, supplement) =>
        new NativeMachine(boot with { InitrdSupplement = supplement, Warning = text => MachineSession.Warn(text, errors) }, console,
            second);
}
