using CsCheck;
using Iced.Intel;
using LilyVM.Abi;
using LilyVM.Assembler.Rules;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Preprocessor;

/// <summary>Random valid forms: convert, assemble, disassemble. Nothing sensitive is left and what stands around is untouched.</summary>
public class ConversionPropertyTests
{
    private static readonly string[] Neighbours32 =
        ["movl %ebx,%esi", "leal 4(%eax,%ecx,2),%edx", "addl $5,%edi", "xorl %ecx,%ecx", "movl 8(%esp),%ebp", "testl %eax,%eax", "nop"];

    private static readonly string[] Neighbours64 =
        ["movq %rbx,%r12", "leaq 4(%rax,%r9,2),%rdx", "addq $5,%r15", "xorl %ecx,%ecx", "movq 8(%rsp),%rbp", "testq %rax,%r8", "nop"];

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void No_sensitive_instruction_is_left_and_neighbours_are_equal(int bits)
    {
        string[] neighbours = bits == 64 ? Neighbours64 : Neighbours32;
        Programs(RuleSet.For(bits), neighbours).Sample(program =>
        {
            const string Data = "\n.data\ntable: .long 0\n";
            string text = ".text\n" + string.Join('\n', program) + Data;
            List<Instruction> converted = Gas.Disassemble(Gas.Assemble(Gas.ConvertWhole(text, bits), bits), bits);
            Assert.DoesNotContain(converted, IsSensitive);
            string plain = string.Join('\n', program.Where(line => neighbours.Contains(line)));
            Assert.Equal(
                Gas.Disassemble(Gas.Assemble(".text\n" + plain + Data, bits), bits).Select(i => i.ToString()),
                converted.Where(i => bits == 64 ? !IsOursX64(i) : !IsOurs(i)).Select(i => i.ToString()));
        }, iter: 12, threads: 1);
    }

    // Programs are checked in batches: starting the assembler costs more than everything else.
    private static Gen<List<string>> Programs(RuleSet table, string[] neighbours)
    {
        RewriteRule[] rules = [.. table.All.Where(r => !r.Pattern.Contains("arg", StringComparison.Ordinal))];
        return Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 100_000], Gen.Int[0, 6]).List[40].Select(picks => picks.SelectMany(pick =>
        {
            (int which, int seed, int neighbour) = pick;
            RewriteRule rule = rules[which % rules.Length];
            string[] mnemonics = rule.Mnemonics.Split(' ');
            string prefix = rule.Entry is "ins{w}" or "outs{w}" && seed % 2 == 0 ? (seed % 3 == 0 ? "rep; " : "rep ") : "";
            return (string[])[neighbours[neighbour], prefix + RuleSamples.Instruction(rule, mnemonics[seed % mnemonics.Length], seed)];
        }).ToList());
    }

    private static bool IsOursX64(Instruction i) =>
        (i.Mnemonic is Mnemonic.Call or Mnemonic.Jmp && i.NearBranchTarget >= LilyVM.Abi.X64.VmArea.Base)
        || (i.Mnemonic == Mnemonic.Nop && i.OpCount == 1)
        || (i.MemoryBase == Register.None && i.MemoryDisplacement64 >= LilyVM.Abi.X64.VmArea.Vcpu
            && i.MemoryDisplacement64 < LilyVM.Abi.X64.VmArea.Pointers)
        || i.Code == Code.Je_rel8_64;

    private static bool IsOurs(Instruction i) =>
        (i.Mnemonic == Mnemonic.Call && i.NearBranchTarget >= VmArea.Base)
        || (i.Mnemonic == Mnemonic.Nop && i.OpCount == 1)
        || (i.SegmentPrefix == Register.SS && i.MemoryDisplacement32 >= VmArea.Vcpu)
        || i.Code == Code.Je_rel8_32
        || i.Mnemonic is Mnemonic.Pushfd or Mnemonic.Popfd or Mnemonic.Push or Mnemonic.Pop
        || (i.Mnemonic == Mnemonic.And && i.OpCount == 2 && i.GetOpKind(1).ToString().StartsWith("Immediate", StringComparison.Ordinal));

    private static bool IsSensitive(Instruction i) =>
        i.IsPrivileged
        || i.Mnemonic is Mnemonic.Sgdt or Mnemonic.Sidt or Mnemonic.Sldt or Mnemonic.Str or Mnemonic.Smsw or Mnemonic.Lar or Mnemonic.Lsl
        or Mnemonic.Verr or Mnemonic.Verw or Mnemonic.Arpl
            or Mnemonic.Cpuid or Mnemonic.Iretd or Mnemonic.Retf or Mnemonic.Int or Mnemonic.Cli or Mnemonic.Sti or Mnemonic.Lds
                or Mnemonic.Les or Mnemonic.Lfs or Mnemonic.Lgs or Mnemonic.Lss
            or Mnemonic.Sysenter or Mnemonic.Syscall or Mnemonic.Iretq or Mnemonic.Sysretq or Mnemonic.Sysret or Mnemonic.Swapgs
        || (i.Mnemonic is Mnemonic.Mov or Mnemonic.Push or Mnemonic.Pop
            && Enumerable.Range(0, i.OpCount)
            .Any(n => i.GetOpKind(n) == OpKind.Register
                && (i.GetOpRegister(n).IsSegmentRegister() || i.GetOpRegister(n).IsCR() || i.GetOpRegister(n).IsDR())))
        || (i.Mnemonic is Mnemonic.In or Mnemonic.Out or Mnemonic.Insb or Mnemonic.Insw or Mnemonic.Insd or Mnemonic.Outsb or Mnemonic.Outsw
            or Mnemonic.Outsd)
        || (i.IsJmpFar || i.IsCallFar || i.IsJmpFarIndirect || i.IsCallFarIndirect);
}
