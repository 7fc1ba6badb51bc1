namespace LilyVM.Assembler.Syntax;

/// <summary>A quick look for system register names, so that the many ordinary moves need not be parsed.</summary>
internal static class SystemRegisters
{
    /// <summary>False when no segment, control, debug or test register is named; true when one may be.</summary>
    public static bool MayAppearIn(ReadOnlySpan<char> text)
    {
        while (true)
        {
            int percent = text.IndexOf('%');
            if (percent < 0 || percent + 2 >= text.Length)
                return false;
            text = text[(percent + 1)..].TrimStart();
            if (text.Length < 2)
                return false;
            char first = (char)(text[0] | 0x20), second = (char)(text[1] | 0x20);
            bool named = (first, second) switch
            {
                ('c' or 'd' or 'f' or 'g' or 's', 's') => true,
                ('e', 's') => text.Length == 2 || !char.IsAsciiLetterOrDigit(text[2]), // not %esi, %esp
                ('c' or 't' or 'd', 'r') or ('d', 'b') => text.Length > 2 && char.IsAsciiDigit(text[2]),
                _ => false,
            };
            if (named)
                return true;
        }
    }

    /// <summary>True when Intel syntax text names a segment, control or debug register that is not a segment override.</summary>
    public static bool IsNamedWithoutPercent(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            int start = i;
            while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '_'))
                i++;
            bool isOverride = i < text.Length && text[i] == ':';
            if (i > start && !isOverride && Operand.Parse("%" + text[start..i].ToString()).IsSystemRegister)
                return true;
        }
        return false;
    }
}
