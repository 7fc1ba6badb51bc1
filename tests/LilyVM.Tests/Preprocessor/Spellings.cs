using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Iced.Intel;
using LilyVM.Audit;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Preprocessor;

/// <summary>
/// Asks gas what it takes: every mnemonic that it knows, with every shape of operands, in one syntax and code size. What it accepts is
/// disassembled, and the spellings that came out as sensitive instructions are kept.
/// </summary>
internal sealed partial class Spellings(int bits, bool intel)
{
    private const int Slot = 32; // longer than any instruction with its prefixes

    private static readonly string[] Suffixes = ["", "b", "w", "l", "q", "d"];

    /// <summary>Directive that switches to the syntax.</summary>
    public string Header => intel ? ".intel_syntax noprefix\n" : "";

    /// <summary>All sensitive spellings with their operands, each with the disassembly.</summary>
    public List<(string Text, Instruction Instruction)> Sensitive()
    {
        // A few shapes tell which mnemonics can be sensitive at all; those are tried with every suffix and every pair of operands.
        IEnumerable<string> suspects = Assembled(Combine(KnownBySuffix([""], Names()), FewShapes())).Select(f => f.Text.Split(' ')[0])
            .Distinct();
        List<(string Text, Instruction Instruction)> found = Assembled(Combine(KnownBySuffix(Suffixes, suspects), Shapes()));
        return [.. found, .. Assembled([.. found.DistinctBy(f => f.Instruction.Code).SelectMany(f => Variants(f.Text))])];
    }

    // The names in the assembler's own string table. Strings that end alike are stored once, so every tail is a name too. AVX has nothing
    // for us.
    private static HashSet<string> Names()
    {
        string program = File.ReadAllText(Command.Run("which", ["as"]).Output.Trim(), Encoding.Latin1);
        var names = new HashSet<string>(Enum.GetNames<Mnemonic>().Select(n => n.ToLowerInvariant())
            .Concat(["ins", "outs", "ljmp", "lcall", "lret"]));
        foreach (Match match in Name().Matches(program))
        {
            for (int start = 0; start + 2 <= match.Length && match.Length < 14; start++)
                names.Add(match.Value[start..]);
        }
        names.RemoveWhere(n => !char.IsAsciiLetterLower(n[0])
            || (n[0] == 'v' && !n.StartsWith("ve", StringComparison.Ordinal) && !n.StartsWith("vm", StringComparison.Ordinal)));
        return names;
    }

    private List<string> KnownBySuffix(string[] suffixes, IEnumerable<string> names)
    {
        List<string> candidates = [.. names.SelectMany(n => suffixes.Select(s => n + s)).Distinct().Order(StringComparer.Ordinal)];
        var unknown = new HashSet<int>(Errors(candidates).Where(e => e.Message.Contains("no such instruction", StringComparison.Ordinal))
            .Select(e => e.Line));
        return [.. candidates.Where((_, i) => !unknown.Contains(i))];
    }

    private static List<string> Combine(IEnumerable<string> mnemonics, List<string> shapes) =>
        [.. mnemonics.SelectMany(m => shapes.Select(s => $"{m} {s}".TrimEnd()))];

    private List<string> FewShapes()
    {
        string p = intel ? "" : "%", imm = intel ? "8" : "$8", memory = intel ? "[" : "(%", end = intel ? "x]" : "x)";
        string wide = (bits == 64 ? "rb" : "eb"), a = (bits == 64 ? "rax" : "eax");
        memory += wide + end;
        return
        [
            "", imm, p + "ax", p + a, p + "ds", memory, $"{imm}, {imm}", $"{p}al, {imm}", $"{imm}, {p}al", $"{p}ds, {p}{a}",
            $"{p}{a}, {p}ds", $"{p}{a}, {p}cr0", $"{p}cr0, {p}{a}", $"{p}{a}, {p}dr0", $"{p}dr0, {p}{a}",
            $"{p}tr6, {p}{a}", $"{p}{a}, {p}tr6", $"{memory}, {p}eax", $"{p}eax, {memory}", $"{p}ax, {memory}", $"{memory}, {p}{a}",
            $"{p}{a}, {p}{a}", $"{p}ax, {p}ax", $"{p}{a}, {p}ecx, {p}edx",
        ];
    }

    private List<string> Shapes()
    {
        string wide = bits == 64 ? "r" : "e", p = intel ? "" : "%";
        string[] memory = intel
            ? [$"[{wide}bx]", $"fword ptr [{wide}bx]", $"dword ptr [{wide}bx]", $"far ptr [{wide}bx]", $"tbyte ptr [{wide}bx]",
                $"byte ptr [{wide}bx]", $"word ptr [{wide}bx]", $"qword ptr [{wide}bx]", "there"]
            : [$"({p}{wide}bx)", $"*({p}{wide}bx)", "*there", "there"];
        string[] single =
        [
            intel ? "8" : "$8", p + "al", p + "ax", p + "eax", p + "dx", intel ? "[dx]" : "(%dx)", p + "ds", p + "fs", p + "cs", p + "cr0",
            p + "cr8", p + "dr0", p + "tr6",
            .. bits == 64 ? (string[])[p + "rax", p + "r9d"] : [], .. memory,
        ];
        string[] pair = [.. single.Where(s => !s.StartsWith('*') && s is not ("%fs" or "fs" or "tbyte ptr [ebx]" or "tbyte ptr [rbx]"))];
        string[] strings = intel
            ? [$"byte ptr es:[{wide}di], dx", $"dword ptr es:[{wide}di], dx", $"dx, byte ptr [{wide}si]", $"dx, dword ptr [{wide}si]",
                "8:there", "8:9"]
            : [$"%es:(%{wide}di),%dx", $"%dx,(%{wide}si)", $"%dx,%ds:(%{wide}si)", "%eax,%ecx,%edx", "%rax,%rcx,%rdx", "%rax,%ecx,%edx",
                "$8,$there"];
        return
        [.. strings, .. single, "", .. pair.SelectMany(a => pair.Select(b => $"{a}, {b}"))];
    }

    private static string[] Variants(string text)
    {
        string[] prefixes = ["{disp8}", "{disp32}", "{load}", "{store}", "{vex}", "{vex3}", "{nooptimize}", "{rex}", "{disp32} {load}",
            "data16", "data32", "addr16", "addr32", "rep", "repne", "lock", "cs", "ss", "fs", "notrack", "bnd", "xacquire", "rex", "rex64",
            "rex.w", "data16 addr16"];
        int blank = text.IndexOf(' ', StringComparison.Ordinal);
        string mnemonic = blank < 0 ? text : text[..blank], operands = blank < 0 ? "" : text[blank..];
        return
        [
            .. prefixes.Select(prefix => $"{prefix} {text}"),
            .. prefixes.Where(p => !p.StartsWith('{')).Select(prefix => $"{prefix}; {text}"), "{disp32}" + text,
            mnemonic + ".s" + operands, mnemonic + ".d8" + operands, mnemonic + ".d32" + operands,
            text.ToUpperInvariant(), text.Replace(" ", "\t /* , %eax */ ", StringComparison.Ordinal),
            text.Replace("%", "% ", StringComparison.Ordinal),
        ];
    }

    // Lines that gas takes, each in a slot of its own, as the disassembler sees them.
    private List<(string Text, Instruction Instruction)> Assembled(List<string> lines)
    {
        List<string> valid = lines;
        for (List<(int Line, string Message)> errors = Errors(valid); errors.Count > 0; errors = Errors(valid))
        {
            var wrong = errors.Select(e => e.Line).ToHashSet();
            valid = [.. valid.Where((_, i) => !wrong.Contains(i))];
        }
        string directory = Directory.CreateTempSubdirectory("lilyvm-spellings").FullName;
        string source = Path.Combine(directory, "t.s");
        File.WriteAllText(source, Text(valid));
        Command.Run("as", [bits == 64 ? "--64" : "--32", "-W", "-o", source + ".o", source]);
        Command.Run("objcopy", ["-O", "binary", "-j", ".text", source + ".o", source + ".bin"]);
        byte[] code = File.ReadAllBytes(source + ".bin");
        Directory.Delete(directory, recursive: true);
        return [.. valid.Select((text, i) => (text, Decode(code, i * Slot))).Where(f => IsSensitive(f.Item2))];
    }

    private Instruction Decode(byte[] code, int at) =>
        Iced.Intel.Decoder.Create(bits, code.AsSpan(at, Math.Min(Slot, code.Length - at)).ToArray(), (ulong)at).Decode();

    private bool IsSensitive(Instruction instruction) =>
        (bits == 64 ? SensitiveInstructions.X64 : SensitiveInstructions.Ia32).Classify(instruction) is not null
        || (instruction.IsPrivileged && !instruction.IsInvalid);

    private string Text(List<string> lines)
    {
        var text = new StringBuilder(Header);
        foreach (string line in lines)
            text.Append(CultureInfo.InvariantCulture, $"{line}; .balign {Slot}, 0x90\n");
        return text.ToString();
    }

    // Line numbers are indices into the list.
    private List<(int Line, string Message)> Errors(List<string> lines)
    {
        int header = Header.Count(c => c == '\n');
        string errors = Command.Run("as", [bits == 64 ? "--64" : "--32", "-W", "-o", "/dev/null"], Text(lines)).Error;
        return [.. Error().Matches(errors)
            .Select(m => (int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture) - 1 - header, m.Groups[2].Value))];
    }

    [GeneratedRegex("[a-z][a-z0-9]+")]
    private static partial Regex Name();

    [GeneratedRegex(@"^\{standard input\}:(\d+): Error: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Error();
}
