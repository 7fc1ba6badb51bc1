using System.Globalization;
using LilyVM.Abi;

namespace LilyVM.Assembler.Rules.Ia32;

/// <summary>A short sequence on the vCPU page that takes the place of one or two hot instructions.</summary>
/// <param name="Original">The instructions it replaces, as documentation.</param>
/// <param name="Template">Its text; <c>{r}</c> is the register of the original.</param>
/// <param name="LengthWithEax">Its length in bytes with EAX, for which gas has shorter encodings.</param>
/// <param name="Length">Its length with any other register.</param>
/// <param name="ChangesFlags">True when it may be used only where the arithmetic flags are dead.</param>
/// <param name="OriginalBytes">Machine code of the originals; <c>{r}</c> in hexadecimal digits is the register number.</param>
public sealed record InlineForm(string Original, string Template, int LengthWithEax, int Length, bool ChangesFlags, string OriginalBytes);

/// <summary>
/// The inline forms. All name library data through SS, because DS and ES may still hold the interrupted program's selectors on kernel
/// entry and exit. Jumps are relative to the location counter, so that the text may be repeated by macros without label clashes.
/// </summary>
public static class InlineForms
{
    private static readonly string Flag = Hex(VmArea.Vcpu);

    // IF is bit 9: bit 1 of the second byte.
    private static readonly string FlagByte = Hex(VmArea.Vcpu + 1);

    private static readonly string Pending = Hex(VmArea.Vcpu + 4);

    private static readonly string Deliver = $"cmpb $0,%ss:{Pending}; je .+7; call lily_deliver";

    /// <summary><c>cli</c>.</summary>
    public static InlineForm Cli { get; } = new("cli", $"movb $0,%ss:{FlagByte}", 8, 8, false, "FA");

    /// <summary><c>sti</c>. An interrupt between store and test is delivered at once; the test then finds nothing pending.</summary>
    public static InlineForm Sti { get; } = new("sti", $"movb $2,%ss:{FlagByte}; {Deliver}", 23, 23, true, "FB");

    /// <summary><c>pushf; pop %reg</c>: the heart of irq_save. The real IF, always set, makes room for the virtual one.</summary>
    public static InlineForm SaveFlags { get; } = new(
        "pushf; pop r32", $"pushfl; popl %{{r}}; andl $~0x200,%{{r}}; orl %ss:{Flag},%{{r}}", 14, 15, true, "9C 58+");

    /// <summary><c>push %reg; popf</c>: irq_restore. Flags before it are overwritten anyway.</summary>
    public static InlineForm RestoreFlags { get; } = new(
        "push r32; popf", $"movl %{{r}},%ss:{Flag}; andl $0x200,%ss:{Flag}; je .+17; {Deliver}; pushl %{{r}}; popfl", 36, 37, false,
        "50+ 9D");

    /// <summary>All forms.</summary>
    public static IReadOnlyList<InlineForm> All { get; } = [Cli, Sti, SaveFlags, RestoreFlags];

    /// <summary>The form's length in bytes for a register.</summary>
    public static int LengthOf(InlineForm form, string register) => register == "eax" ? form.LengthWithEax : form.Length;

    /// <summary>The form's text for a register.</summary>
    public static string Text(InlineForm form, string register) => form.Template.Replace("{r}", register, StringComparison.Ordinal);

    /// <summary>The operands of the <c>.byte</c> directive that records a site: length, original length, two original bytes.</summary>
    public static string SiteBytes(InlineForm form, string register)
    {
        int number = register.Length == 0 ? 0 : Array.IndexOf(["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"], register);
        string[] bytes = form.OriginalBytes.Split(' ');
        int[] original = [.. bytes.Select(b => int.Parse(b.TrimEnd('+'), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            + (b.EndsWith('+') ? number : 0))];
        return $"{LengthOf(form, register)},{original.Length},0x{original[0]:x2},0x{(original.Length > 1 ? original[1] : 0):x2}";
    }

    private static string Hex(uint address) => "0x" + address.ToString("x8", CultureInfo.InvariantCulture);
}
