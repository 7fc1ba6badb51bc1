using LilyVM.Assembler.Syntax;

namespace LilyVM.Assembler.Rules;

/// <summary>
/// Proves that the arithmetic flags are dead after a statement, so that a form that changes them may be used. It only walks straight
/// ahead and says "live" whenever it does not know.
/// </summary>
internal static class FlagLiveness
{
    // Each of these sets or leaves undefined OF, SF, ZF, AF, PF and CF without reading one (SDM vol. 1, appendix A).
    private static readonly HashSet<string> Killers =
        Sized(["add", "sub", "cmp", "test", "and", "or", "xor", "neg", "mul", "imul", "div", "idiv"],
        ["iret", "iretl", "iretq", "popf", "popfl", "popfq", "sahf"]);

    // These neither read nor write them.
    private static readonly HashSet<string> Neutral = Sized(["mov", "lea", "push", "pop", "xchg", "not", "in", "out"],
        ["movzbl", "movzwl", "movsbl", "movswl", "nop", "bswap", "cld", "std", "cli", "sti", "hlt", "rdmsr", "wrmsr", "cpuid", "clts",
            "wbinvd", "rdtsc", "lgdt", "lidt", "invlpg", "movslq", "cltq", "cqto", "swapgs"]);

    /// <summary>True when no flag set before statement <paramref name="next"/> can be read.</summary>
    public static bool DeadFrom(string source, List<Statement> statements, int next)
    {
        int elsewhere = 0; // depth of .pushsection: statements there are not on this path
        for (int i = next; i < statements.Count; i++)
        {
            Statement statement = statements[i];
            ReadOnlySpan<char> word = Instruction.FirstWord(statement.Text(source));
            switch (statement.Kind)
            {
                case StatementKind.AppEnd when elsewhere == 0:
                    return true; // GCC on x86 takes every inline assembly to clobber the flags
                case StatementKind.Directive when word.SequenceEqual(".pushsection"):
                    elsewhere++;
                    break;
                case StatementKind.Directive when word.SequenceEqual(".popsection"):
                    elsewhere--;
                    break;
                case StatementKind.Directive when word is ".section" or ".text" or ".previous" or ".endm" or ".endr"
                    or ".if" or ".ifdef" or ".else" or ".elseif" or ".endif":
                    return false;
                case StatementKind.Instruction when elsewhere == 0:
                    if (Killers.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word))
                        return true;
                    if (!Neutral.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word))
                        return false;
                    break;
                case StatementKind.Substitution when elsewhere == 0:
                    return false;
            }
        }
        return false;
    }

    private static HashSet<string> Sized(string[] sized, string[] plain)
    {
        var set = new HashSet<string>(plain);
        foreach (string name in sized)
        {
            foreach (string suffix in (string[])["", "b", "w", "l", "q"])
                set.Add(name + suffix);
        }
        return set;
    }
}
