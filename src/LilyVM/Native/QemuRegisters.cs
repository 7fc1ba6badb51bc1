using System.Globalization;
using System.Text.RegularExpressions;
using LilyVM.Engines;

namespace LilyVM.Native;

/// <summary>What QEMU's monitor shows of the processor.</summary>
/// <param name="Registers">The registers.</param>
/// <param name="Halted">The processor waits for an interrupt.</param>
internal sealed partial record QemuRegisters(Registers Registers, bool Halted)
{
    private const uint InterruptFlag = 1 << 9;

    /// <summary>Halted for good: no interrupt can wake it.</summary>
    internal bool IsDead => Halted && (Registers.Eflags & InterruptFlag) == 0;

    /// <summary>Reads the answer to "info registers" (target/i386/cpu-dump.c in QEMU's source).</summary>
    internal static QemuRegisters Parse(string text)
    {
        var values = new Dictionary<string, uint>();
        foreach (Match match in Field().Matches(text))
            values.TryAdd(match.Groups[1].Value, uint.Parse(match.Groups[2].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        uint Value(string name) => values.GetValueOrDefault(name);
        uint[] Values(params string[] names) => [.. names.Select(Value)];
        return new QemuRegisters(
            new Registers(
                Values("EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI"), Value("EIP"), Value("EFL"), Value("CS"), Values("CR0", "CR2", "CR3", "CR4")),
            Value("HLT") != 0);
    }

    [GeneratedRegex("([A-Z][A-Z0-9]+) *=([0-9a-f]{1,8})(?![0-9a-f])")] // not those of the FPU, which are longer
    private static partial Regex Field();
}
