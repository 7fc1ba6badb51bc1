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

    private static readonly string[] Control = ["CR0", "CR2", "CR3", "CR4"];
    private static readonly string[] General32 = ["EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI"];

    private static readonly string[] General64 =
        ["RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"];

    /// <summary>Halted for good: no interrupt can wake it.</summary>
    internal bool IsDead => Halted && (Registers.Flags & InterruptFlag) == 0;

    /// <summary>
    /// Reads the answer to "info registers" (target/i386/cpu-dump.c in QEMU's source), which has long names while the processor is in long
    /// mode.
    /// </summary>
    internal static QemuRegisters Parse(string text)
    {
        var values = new Dictionary<string, ulong>();
        foreach (Match match in Field().Matches(text))
            values.TryAdd(match.Groups[1].Value, ulong.Parse(match.Groups[2].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        ulong Value(string name) => values.GetValueOrDefault(name);
        bool isWide = values.ContainsKey("RIP");
        ulong[] general = [.. (isWide ? General64 : General32).Select(Value)], control = [.. Control.Select(Value)];
        var registers = new Registers(
            isWide ? 64 : 32, general, Value(isWide ? "RIP" : "EIP"), Value(isWide ? "RFL" : "EFL"), (uint)Value("CS"), control);
        return new QemuRegisters(registers, Value("HLT") != 0);
    }

    [GeneratedRegex("([A-Z][A-Z0-9]+) *=([0-9a-f]{1,16})(?![0-9a-f])")] // not those of the FPU, which are longer or begin with ST
    private static partial Regex Field();
}
