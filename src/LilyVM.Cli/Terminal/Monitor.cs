using System.Globalization;
using LilyVM.Cli.Words;
using LilyVM.Engines;

namespace LilyVM.Cli.Terminal;

/// <summary>The monitor's commands: a look at a machine, and holding it.</summary>
internal sealed class Monitor(IMachine machine, TextWriter output)
{
    /// <summary>What it asks with.</summary>
    internal const string Prompt = "(lilyvm) ";

    /// <summary>Carries out a command, which may be shortened; false if it leads back to the guest.</summary>
    internal bool Execute(string command)
    {
        IReadOnlyList<string> meant = command.Length == 0 ? [MonitorCommands.Help] : MonitorCommands.Meant(command);
        switch (meant)
        {
            case [MonitorCommands.Counters]:
                ShowCounters();
                return true;
            case [MonitorCommands.Registers]:
                ShowRegisters();
                return true;
            case [MonitorCommands.Pause]:
                machine.Pause();
                return true;
            case [MonitorCommands.Continue]:
                machine.Resume();
                return false;
            case [MonitorCommands.Quit]:
                machine.Stop();
                return false;
            case [MonitorCommands.Help]:
                output.Write(MonitorCommands.Text);
                return true;
            case []:
                output.WriteLine(NearestWord.To(command, MonitorCommands.All.Select(c => c.Name)) is { } nearest
                    ? $"'{command}' is no command, perhaps {nearest} is meant; help lists them."
                    : $"'{command}' is no command; help lists them.");
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
        int digits = registers.Bits / 4;
        char width = registers.Bits == 64 ? 'r' : 'e';
        string[] names = [.. ((string[])["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"]).Select(name => width + name), "r8", "r9", "r10",
            "r11", "r12", "r13", "r14", "r15"];
        foreach ((string, ulong)[] line in names.Zip(registers.General).Chunk(8))
            output.WriteLine(Line(line, digits));
        output.WriteLine(Line([($"{width}ip", registers.Ip), ($"{width}flags", registers.Flags), ("cs", registers.Cs)], digits));
        output.WriteLine(Line(((string[])["cr0", "cr2", "cr3", "cr4"]).Zip(registers.Control), digits));
    }

    private static string Line(IEnumerable<(string Name, ulong Value)> registers, int digits) =>
        string.Join(' ', registers.Select(r => $"{r.Name}={r.Value.ToString($"x{digits}", CultureInfo.InvariantCulture)}"));
}
