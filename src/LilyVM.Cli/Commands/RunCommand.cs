using System.CommandLine;
using LilyVM.Cli.Terminal;

namespace LilyVM.Cli.Commands;

/// <summary>lilyvm run: runs any converted kernel.</summary>
internal static class RunCommand
{
    internal static Command Create()
    {
        var arguments = new MachineArguments();
        var engine = new EngineArguments();
        var command = new Command(
            "run",
            "Run a converted kernel; on a terminal Ctrl-A x ends it and Ctrl-A h shows more.");
        foreach (Option option in arguments.All.Concat(engine.All))
            command.Add(option);
        command.SetAction(parsed =>
        {
            MachineOptions.RequireCpu(parsed.GetRequiredValue(arguments.Cpu));
            var options = new MachineOptions
            {
                Kernel = parsed.GetValue(arguments.Kernel)
                    ?? throw new LilyVMException("No kernel was given; name one with --kernel, or use `lilyvm boot` for the prepared " +
                        "guest."),
                Initrd = parsed.GetValue(arguments.Initrd),
                Modules = arguments.ParseModules(parsed),
                Cpu = parsed.GetRequiredValue(arguments.Cpu),
                CommandLine = parsed.GetValue(arguments.Append) ?? "",
                MemoryBytes = MachineArguments.ParseMemory(parsed.GetRequiredValue(arguments.Memory)),
                Drives = arguments.ParseDrives(parsed),
                Shares = arguments.ParseShares(parsed),
                Devices = arguments.ParseDevices(parsed),
                Networks = arguments.ParseNetworks(parsed),
            };
            engine.CheckEarly(parsed, () => GuestFiles.ArchitectureOf(options.Kernel));
            ConsoleChoice console = ConsoleChoice.Parse(parsed.GetRequiredValue(arguments.Console));
            TextWriter errors = parsed.InvocationConfiguration.Error;
            var plan = new MachinePlan(MachinePlan.Of(engine.Apply(parsed, options), errors))
            {
                Announce = machine => engine.Announce(parsed, machine, errors),
                Counters = arguments.ParseCounters(parsed),
            };
            return MachineSession.Run(plan, console, errors);
        });
        return command;
    }
}
