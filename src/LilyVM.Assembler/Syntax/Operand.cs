namespace LilyVM.Assembler.Syntax;

/// <summary>The classes of operand that rewrite rules tell apart.</summary>
public enum OperandClass : byte
{
    /// <summary><c>$expression</c>.</summary>
    Immediate,

    /// <summary>A 64-bit general register.</summary>
    Register64,

    /// <summary>A 32-bit general register.</summary>
    Register32,

    /// <summary>A 16-bit general register.</summary>
    Register16,

    /// <summary>An 8-bit general register.</summary>
    Register8,

    /// <summary>CS, DS, ES, FS, GS or SS standing alone.</summary>
    SegmentRegister,

    /// <summary>CRn.</summary>
    ControlRegister,

    /// <summary>DRn (gas also writes %dbN).</summary>
    DebugRegister,

    /// <summary>TRn, of the 386 and 486.</summary>
    TestRegister,

    /// <summary>Any other register: FPU, MMX, SSE.</summary>
    OtherRegister,

    /// <summary>An address, with or without segment override.</summary>
    Memory,

    /// <summary><c>*address</c> or <c>*register</c>.</summary>
    Indirect,

    /// <summary>A macro argument alone: known only at expansion.</summary>
    MacroArgument,
}

/// <summary>One operand of an instruction.</summary>
/// <param name="Class">Its class.</param>
/// <param name="Text">Its text, without surrounding blanks and comments.</param>
public readonly record struct Operand(OperandClass Class, string Text)
{
    private static readonly Dictionary<string, GeneralRegister> General = BuildGeneral();

    private readonly record struct GeneralRegister(OperandClass Class, string Name32, string Name64);

    /// <summary>True for a general register of any width.</summary>
    public bool IsGeneralRegister =>
        Class is OperandClass.Register64 or OperandClass.Register32 or OperandClass.Register16 or OperandClass.Register8;

    /// <summary>
    /// For general registers the name of the 32-bit register of that number; for control, debug and segment registers the bare name.
    /// </summary>
    public string RegisterName => Class switch
    {
        _ when IsGeneralRegister => General[Text[1..].ToLowerInvariant()].Name32,
        OperandClass.DebugRegister => "dr" + Text[^1] switch { '4' => '6', '5' => '7', char n => n },
        _ => Text[1..].ToLowerInvariant(),
    };

    /// <summary>For general registers the name of the 64-bit register that contains it.</summary>
    public string WideName => General[Text[1..].ToLowerInvariant()].Name64;

    /// <summary>True for registers that only privileged or sensitive instructions can name alone.</summary>
    public bool IsSystemRegister => 
        Class is OperandClass.SegmentRegister or OperandClass.ControlRegister or OperandClass.DebugRegister or OperandClass.TestRegister;

    /// <summary>Classifies the text of an operand.</summary>
    public static Operand Parse(string text)
    {
        if (text.Length == 0)
            return new Operand(OperandClass.Memory, text);
        if (text[0] == '%' && text.Length > 1 && char.IsWhiteSpace(text[1]))
            text = "%" + text[1..].TrimStart();
        return new Operand(Classify(text), text);
    }

    private static OperandClass Classify(string text)
    {
        switch (text[0])
        {
            case '$':
                return OperandClass.Immediate;
            case '*':
                return OperandClass.Indirect;
            case '\\' when IsName(text.AsSpan(1)):
                return OperandClass.MacroArgument;
            case '%' when IsName(text.AsSpan(1)) || text.StartsWith("%st", StringComparison.Ordinal):
                return ClassifyRegister(text[1..].ToLowerInvariant());
            default:
                return OperandClass.Memory;
        }
    }

    private static OperandClass ClassifyRegister(string name)
    {
        if (General.TryGetValue(name, out GeneralRegister register))
            return register.Class;
        if (name.Length == 2 && name[1] == 's' && name[0] is 'c' or 'd' or 'e' or 'f' or 'g' or 's')
            return OperandClass.SegmentRegister;
        if (name.Length is 3 or 4 && char.IsAsciiDigit(name[2]) && char.IsAsciiDigit(name[^1]))
        {
            if (name.StartsWith("cr", StringComparison.Ordinal))
                return OperandClass.ControlRegister;
            if (name.StartsWith("dr", StringComparison.Ordinal) || name.StartsWith("db", StringComparison.Ordinal))
                return OperandClass.DebugRegister;
            if (name.StartsWith("tr", StringComparison.Ordinal))
                return OperandClass.TestRegister;
        }
        return OperandClass.OtherRegister;
    }

    private static bool IsName(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
                return false;
        }
        return text.Length > 0;
    }

    private static Dictionary<string, GeneralRegister> BuildGeneral()
    {
        var registers = new Dictionary<string, GeneralRegister>();
        foreach (string name in (string[])["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"])
        {
            string[] bytes = name[1] == 'x' ? [name[0] + "l", name[0] + "h"] : [name + "l"];
            Add("r" + name, "e" + name, name, bytes);
        }
        for (int number = 8; number < 16; number++)
            Add($"r{number}", $"r{number}d", $"r{number}w", [$"r{number}b"]);
        return registers;

        void Add(string name64, string name32, string name16, string[] bytes)
        {
            registers.Add(name64, new(OperandClass.Register64, name32, name64));
            registers.Add(name32, new(OperandClass.Register32, name32, name64));
            registers.Add(name16, new(OperandClass.Register16, name32, name64));
            foreach (string name in bytes)
                registers.Add(name, new(OperandClass.Register8, name32, name64));
        }
    }
}
