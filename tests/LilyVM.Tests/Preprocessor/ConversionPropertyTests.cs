using CsCheck;
using Iced.Intel;
using LilyVM.Abi;
using LilyVM.Assembler.Rules;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Preprocessor;

/// <summary>Random valid forms: convert, assemble, disassemble. Nothing sensitive is left and what stands around is untouched.</summary>
public class ConversionPropertyTests
{
    private static readonly string[] Neighbours =
        ["movl %ebx,%esi", "leal 4(%eax,%ecx,2),%edx", "addl $5,%edi", "xorl %ecx,%ecx", "movl 8(%esp),%ebp", "testl %eax,%eax", "nop"];

    // Programs are checked in batches: starting the assembler costs more than everything else.
    private static readonly Gen<List<string>> Programs =
        Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 100_000], Gen.Int[0, 6]).List[40].Select(picks => picks.SelectMany(pick =>
        {
            (int which, int seed, int neighbour) = pick;
            RewriteRule[] rules = [.. RewriteRules.All.Where(r => !r.Pattern.Contains("arg", StringComparison.Ordinal))];
            RewriteRule rule = rules[which % rules.Length];
            string[] mnemonics = rule.Mnemonics.Split(' ');
            string prefix = rule.Entry is "ins{w}" or "outs{w}" && seed % 2 == 0 ? (seed % 3 == 0 ? "rep; " : "rep ") : "";
            return (string[])[Neighbours[neighbour], prefix + RuleSamples.Instruction(rule, mnemonics[seed % mnemonics.Length], seed)];
        }).ToList());

    [Fact]
    public void No_sensitive_instruction_is_left_and_neighbours_are_equal()
    {
        Programs.Sample(program =>
        {
            const string Data = "\n.data\ntable: .long 0\n";
            string text = ".text\n" + string.Join('\n', program) + Data;
            List<Instruction> converted = Gas.Disassemble(Gas.Assemble(Gas.ConvertWhole(text)));
            Assert.DoesNotContain(converted, IsSensitive);
            string neighbours = string.Join('\n', program.Where(line => Neighbours.Contains(line)));
            Assert.Equal(
                Gas.Disassemble(Gas.Assemble(".text\n" + neighbours + Data)).Select(i => i.ToString()),
                converted.Where(i => !IsOurs(i)).Select(i => i.ToString()));
        }, iter: 12, threads: 1);
    }

    private static bool IsOurs(Instruction i) =>
        (i.Mnemonic == Mnemonic.Call && i.NearBranchTarget >= VmArea.Base)
        || (i.Mnemonic == Mnemonic.Nop && i.OpCount == 1)
        || (i.SegmentPrefix == Register.SS && i.MemoryDisplacement32 >= VmArea.Vcpu)
        || i.Code == Code.Je_rel8_32
        || i.Mnemonic is Mnemonic.Pushfd or Mnemonic.Popfd or Mnemonic.Push or Mnemonic.Pop
        || (i.Mnemonic == Mnemonic.And && i.OpCount == 2 && i.GetOpKind(1).ToString().StartsWith("Immediate", StringComparison.Ordinal));

    private static bool IsSensitive(Instruction i) =>
        i.IsPrivileged
        || i.Mnemonic is Mnemonic.Sgdt or Mnemonic.Sidt or Mnemonic.Sldt or Mnemonic.Str or Mnemonic.Smsw or Mnemonic.Lar or Mnemonic.Lsl or Mnemonic.Verr or Mnemonic.Verw or Mnemonic.Arpl
            or Mnemonic.Cpuid or Mnemonic.Iretd or Mnemonic.Retf or Mnemonic.Int or Mnemonic.Cli or Mnemonic.Sti or Mnemonic.Lds or Mnemonic.Les or Mnemonic.Lfs or Mnemonic.Lgs or Mnemonic.Lss
            or Mnemonic.Sysenter or Mnemonic.Syscall
        || (i.Mnemonic is Mnemonic.Mov or Mnemonic.Push or Mnemonic.Pop && Enumerable.Range(0, i.OpCount).Any(n => i.GetOpKind(n) == OpKind.Register && (i.GetOpRegister(n).IsSegmentRegister() || i.GetOpRegister(n).IsCR() || i.GetOpRegister(n).IsDR())))
        || (i.Mnemonic is Mnemonic.In or Mnemonic.Out or Mnemonic.Insb or Mnemonic.Insw or Mnemonic.Insd or Mnemonic.Outsb or Mnemonic.Outsw or Mnemonic.Outsd)
        || (i.IsJmpFar || i.IsCallFar || i.IsJmpFarIndirect || i.IsCallFarIndirect);
}
