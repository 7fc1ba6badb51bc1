using System.CommandLine;
using LilyVM.Cli.Words;

namespace LilyVM.Cli.Commands;

/// <summary>The options that choose an engine and its policies.</summary>
internal sealed class EngineArguments
{
    /// <summary>The engine is chosen by what the host offers.</summary>
    internal const string Automatic = "auto";

    private readonly Option<string> mmu = Policy<KernelMmu>("--mmu", "How the kernel engine's shadow page tables follow the guest's.");
    private readonly Option<string> fpu = Policy<KernelFpu>("--fpu", "When the kernel engine loads the guest's FPU state.");

    internal EngineArguments(params string[] others)
    {
        string[] names = [Automatic, "kernel", "kvm", "user", .. others];
        Engine = new("--engine")
        {
            Description = "What runs the guest: auto takes the kernel engine if the module lilyvm is loaded, never kvm.",
            HelpName = string.Join('|', names),
            DefaultValueFactory = _ => Automatic,
        };
        Engine.TakesOneOf(names);
    }

    internal Option<string> Engine { get; }

    internal IEnumerable<Option> All => [Engine, mmu, fpu];

    /// <summary>Options of the kernel engine, which others do not have.</summary>
    internal IReadOnlyList<Option> OfKernelEngine => [mmu, fpu];

    /// <summary>Refuses options of an engine that is not chosen.</summary>
    internal void CheckEarly(ParseResult parsed)
    {
        string chosen = parsed.GetRequiredValue(Engine);
        bool byUser = chosen == "user" || (chosen == Automatic && HostProbe.KernelEngineProblem() is not null);
        if (byUser && OfKernelEngine.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } option)
            throw new LilyVMException($"{option.Name} is an option of the kernel engine; leave it out, or " +
                "load the module lilyvm and use --engine kernel.");
    }

    /// <summary>The machine with what was asked for.</summary>
    internal MachineOptions Apply(ParseResult parsed, MachineOptions options)
    {
        CheckEarly(parsed);
        string chosen = parsed.GetRequiredValue(Engine);
        return options with
        {
            Engine = Enum.Parse<EngineKind>(chosen, ignoreCase: true),
            Mmu = Enum.Parse<KernelMmu>(parsed.GetRequiredValue(mmu), ignoreCase: true),
            Fpu = Enum.Parse<KernelFpu>(parsed.GetRequiredValue(fpu), ignoreCase: true),
        };
    }

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
