using System.CommandLine;
using LilyVM.Boot;
using LilyVM.Cli.Terminal;
using LilyVM.Cli.Words;

namespace LilyVM.Cli.Commands;

/// <summary>The options that choose an engine and its policies.</summary>
internal sealed class EngineArguments
{
    /// <summary>The engine is chosen by what the host offers.</summary>
    internal const string Automatic = "auto";

    private const string Kernel = "kernel", Kvm = "kvm";

    private readonly Option<string> mmu = Policy<KernelMmu>("--mmu", "How the kernel engine's shadow page tables follow the guest's.");
    private readonly Option<string> fpu = Policy<KernelFpu>("--fpu", "When the kernel engine loads the guest's FPU state.");

    private readonly Option<string> isolation = Policy<IsolationLevel>(
        "--isolation",
        "What keeps an x86-64 guest's programs from their kernel: auto takes protection keys where the host has them, else nothing; "
            + "process, processes of their own, is slower.");

    internal EngineArguments(params string[] others)
    {
        string[] names = [Automatic, Kernel, Kvm, "user", .. others];
        Engine = new("--engine")
        {
            Description = "What runs the guest: auto takes the kernel engine if the module lilyvm is loaded, never kvm.",
            HelpName = string.Join('|', names),
            DefaultValueFactory = _ => Automatic,
        };
        Engine.TakesOneOf(names);
    }

    internal Option<string> Engine { get; }

    internal IEnumerable<Option> All => [Engine, mmu, fpu, isolation];

    /// <summary>Options of the kernel engine, which others do not have.</summary>
    internal IReadOnlyList<Option> OfKernelEngine => [mmu, fpu];

    /// <summary>Options of engines, which QEMU does not have.</summary>
    internal IEnumerable<Option> NotInQemu => [mmu, fpu, isolation];

    /// <summary>Whether that engine runs guests by the kernel hypervisor, which has IA-32 guests only.</summary>
    internal static bool HasKernelHypervisor(string engine) => engine is Kernel or Kvm;

    /// <summary>
    /// Refuses options of an engine that is not chosen, or does not run such a guest, and isolation that is not to be had.
    /// </summary>
    internal void CheckEarly(ParseResult parsed, Func<GuestArchitecture> guest)
    {
        if (parsed.GetResult(isolation) is { Implicit: false })
            Isolation.Choose(Level(parsed), guest());
        if (OfKernelEngine.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is not { } option)
            return;
        string chosen = parsed.GetRequiredValue(Engine);
        if (chosen == "user" || (chosen == Automatic && HostProbe.KernelEngineProblem() is not null))
        {
            throw new LilyVMException($"{option.Name} is an option of the kernel engine; leave it out, or " +
                "load the module lilyvm and use --engine kernel.");
        }
        if (guest() != GuestArchitecture.Ia32)
            throw new LilyVMException($"{option.Name} is an option of the kernel engine, which runs IA-32 guests only; leave it out.");
    }

    /// <summary>
    /// Tells somebody at a terminal what isolation was chosen for the guest. Scripts have it from doctor; who names a level knows it.
    /// </summary>
    internal void Announce(ParseResult parsed, IMachine machine, TextWriter errors)
    {
        bool isChosen = machine is VirtualMachine { Isolation: not IsolationLevel.Auto } && Level(parsed) == IsolationLevel.Auto;
        if (isChosen && StandardStream.TerminalWidth(errors) is not null)
            MachineSession.Warn(HostProbe.Isolation(), errors);
    }

    /// <summary>The machine with what was asked for.</summary>
    internal MachineOptions Apply(ParseResult parsed, MachineOptions options)
    {
        string chosen = parsed.GetRequiredValue(Engine);
        return options with
        {
            Engine = Enum.Parse<EngineKind>(chosen, ignoreCase: true),
            Mmu = Enum.Parse<KernelMmu>(parsed.GetRequiredValue(mmu), ignoreCase: true),
            Isolation = Level(parsed),
            Fpu = Enum.Parse<KernelFpu>(parsed.GetRequiredValue(fpu), ignoreCase: true),
        };
    }

    private IsolationLevel Level(ParseResult parsed) => Enum.Parse<IsolationLevel>(parsed.GetRequiredValue(isolation), ignoreCase: true);

    private static Option<string> Policy<T>(string name, string description)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(n => n.ToLowerInvariant())];
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = string.Join('|', names),
            DefaultValueFactory = _ => names[0],
        };
        option.TakesOneOf(names);
        return option;
    }
}
