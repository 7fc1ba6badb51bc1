using System.Globalization;
using LilyVM.Engines;

namespace LilyVM.Cli.Terminal;

/// <summary>The monitor's commands: a look at a machine, and holding it.</summary>
internal sealed class Monitor(IMachine machine, TextWriter output)
{
    /// <summary>What it asks with.</summary>
    internal const string Prompt = "(lilyvm) ";

    private const string Help = "counters   what the engine counted\nregisters  the guest's registers\npause      hold the guest\n" +
        "continue   back to the guest (Ctrl-D, too)\nquit       end the machine\n";

    /// <summary>Carries out a command, which may be shortened; false if it leads back to the guest.</summary>
    internal bool Execute(string command)
    {
        string[] known = ["counters", "registers", "pause", "continue", "quit", "help"];
        string[] meant = command.Length == 0 ? [] : [.. known.Where(k => k.StartsWith(command, StringComparison.Ordinal))];
        switch (meant)
        {
            case ["counters"]:
                ShowCounters();
                return true;
            case ["registers"]:
                ShowRegisters();
                return true;
            case ["pause"]:
                machine.Pause();
                return true;
            case ["continue"]:
                machine.Resume();
                return false;
            case ["quit"]:
                machine.Stop();
                return false;
            case [] when command.Length > 0:
                output.WriteLine($"'{command}' is no command; help lists them.");
                return true;
            case []:
            case ["help"]:
                output.Write(Help);
                return true;
            default:
                output.WriteLine($"'{command}' may be {string.Join(" or ", meant)}.");
                return true;
        }
    }

    private void ShowCounters()
    {
        IReadOnlyList<Counter> counters = machine.ReadCounters();
        if (counters.Count == 0)
            output.WriteLine("QEMU, which runs this machine, counts nothing.");
        CounterOutput.WriteTable(output, counters);
    }

    private void ShowRegisters()
    {
        bool runs = !machine.IsPaused;
        machine.Pause(); // they are right only while the guest stands still
        Registers registers = machine.ReadRegisters();
        if (runs)
            machine.Resume();
        string[] names = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];
        output.WriteLine(Line(names, registers.General));
        output.WriteLine(Line(["eip", "eflags", "cs"], [registers.Eip, registers.Eflags, registers.Cs]));
        output.WriteLine(Line(["cr0", "cr2", "cr3", "cr4"], registers.Control));
    }

    private static string Line(IEnumerable<string> names, IEnumerable<uint> values) =>
        string.Join(' ', names.Zip(values, (name, value) => string.Create(CultureInfo.InvariantCulture, $"{name}={value:x8}")));
}
