using LilyVM.Assembler.Syntax;

namespace LilyVM.Assembler.Rules;

/// <summary>
/// Recognises sensitive instructions where registers have no percent sign: Intel syntax, which has mnemonics of its own, and
/// <c>noprefix</c>.
/// </summary>
internal static class BareSpellings
{
    /// <summary>True when a statement must not reach the machine as it is. Says so when in doubt.</summary>
    public static bool IsSensitive(string mnemonic, string statement, RuleSet rules)
    {
        string stem = mnemonic.EndsWith('d') ? mnemonic[..^1] : mnemonic; // Intel's suffix for 32 bits: `pushfd`, `insd`, `lgdtd`
        if (rules.IsAlwaysSensitive(mnemonic) || rules.IsAlwaysSensitive(stem))
            return true;
        if (RuleSet.IsTransfer(stem))
            return IsFar(statement);
        return SystemRegisters.IsNamedWithoutPercent(statement);
    }

    // `jmp far ptr [x]`, `jmp fword ptr [x]`, `jmp 8:there`, `jmp 8, there`, `jmp $8, $there`.
    private static bool IsFar(string statement)
    {
        if (statement.Contains(','))
            return true;
        for (int i = 0; i < statement.Length; i++)
        {
            int start = i;
            while (i < statement.Length && (char.IsAsciiLetterOrDigit(statement[i]) || statement[i] == '_'))
                i++;
            string word = statement[start..i].ToLowerInvariant();
            if (word is "far" or "fword" or "tbyte")
                return true;
            if (i < statement.Length && statement[i] == ':' && Operand.Parse("%" + word).Class != OperandClass.SegmentRegister)
                return true;
        }
        return false;
    }
}
