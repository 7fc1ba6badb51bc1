using System.Globalization;
using System.Text;
using LilyVM.Assembler.Rules.Ia32;

namespace LilyVM.Assembler.Rules;

/// <summary>Writes docs/rewrites.md from the tables, so that page and program cannot differ.</summary>
public static class RuleReference
{
    /// <summary>The reference page.</summary>
    public static string Markdown()
    {
        var page = new StringBuilder();
        page.Append("""
            # What the assembler preprocessor rewrites

            Generated from `src/LilyVM.Assembler/Rules` by `lilyvm convert --rules`. docs/abi.md explains calls and
            operand NOPs. `--32` chooses the IA-32 rules, `--64` (gas's default here) the x86-64 rules; code of another
            size in the same file (`.code16`, `.code32` in a 64-bit file, `.code64` in a 32-bit one) stays as it is.

            Operand classes: `r32`, `r16` general registers (not ESP), `greg` a 32-bit one or ESP, `g64`, `g32`, `g16` any
            general register, `acc` AL, AX or EAX, `imm` immediate, `m` memory, `ind` indirect memory, `sreg` segment,
            `lseg` segment but CS, `fsgs` FS or GS, `creg`, `creg64` control, `dreg` debug register, `arg` a macro
            argument. In "follows", `M` is a NOP with the memory operand, `V` one whose address is the value, `R` one
            whose base names the destination register; the digit is the operand's place. "Fault" says that the instruction
            may fault, which is then reported at the call.

            """);
        AppendRules(page, RuleSet.Ia32);
        page.Append("""

            `rep` (and `repe`, `repne`, which mean the same here) before a string form of `ins` and `outs` gives
            `lily_rep_...`. `sti` directly before `hlt`, `mwait` or `sysexit` is fused with it (`lily_sti_hlt`,
            `lily_sti_mwait`, `lily_sti_sysexit`), because no interrupt may be taken between the two.

            ### Inline forms

            Used in 32-bit code outside `.altinstr_replacement`, repeat blocks and quoted macro arguments. What changes
            flags is used only where they are provably dead.

            | instruction | inline form | bytes | condition |
            | --- | --- | --- | --- |

            """);
        foreach (InlineForm form in InlineForms.All)
        {
            string condition = form.ChangesFlags ? "flags dead" : "none";
            page.Append(CultureInfo.InvariantCulture, $"| {form.Original} | `{form.Template}` | {form.LengthWithEax} | {condition} |\n");
        }
        AppendRejected(page, RuleSet.Ia32);
        page.Append('\n');
        AppendRules(page, RuleSet.X64);
        page.Append("""

            What has an inline form is a call only in repeat blocks and quoted macro arguments, and where its condition
            does not hold: "dead" that no arithmetic flag set before it can be read behind it, "undefined" that it stands
            at the start of inline assembly, where GCC's flags mean nothing. `{cr3}` is the absolute address of that field
            of the vCPU page. A jump is `movq $.+5, TransferSite; jmp`, and touches no stack. In `.head.text`, behind
            `.set .Llilyvm_absolute_calls, 1` and in objects that `LILYVM_ABSOLUTE_CALLS` lists, which run at physical
            addresses, `call lily_x` is `call *pointer`. `rep` and `sti` as above; inline forms may stand in alternatives
            if the instruction has operands.

            """);
        AppendRejected(page, RuleSet.X64);
        page.Append("""

            ## Spellings

            Pseudo-prefixes (`{disp32}`, `{load}`) and the suffixes `.s`, `.d8`, `.d32` only choose an encoding and are
            dropped. Refused with file and line: sensitive instructions where registers may stand without a percent sign
            (`.intel_syntax`, `noprefix`, `-mnaked-reg`), system registers under another name (`stack = %ss`), sensitive
            mnemonics with operands and system registers as macro arguments that the macro puts into an instruction, and
            every form that no row above takes.

            ## Padded routines

            Sources pad routines to a size that is compared at run time, before one is copied over another. What
            conversion adds is taken from the padding: `.space`, `.skip`, `.zero`, `.fill` and `.rept n; nop; .endr` of a
            constant size up to 1024 bytes, behind a rewritten instruction and before the next alignment, unless a label
            stands directly before it. The assembler measures: each original goes into the section `.discard.lilyvm`,
            which the linker leaves out. What the padding cannot give is a warning with file, line and routine; so is a
            rewritten instruction in a routine `x` that ends with alignment alone at `x_end` or `end_x`.

            """);
        page.Append("\n## Left alone\n\n| instruction | why |\n| --- | --- |\n");
        foreach ((string mnemonic, string reason) in LeftAlone.Reasons)
            page.Append(CultureInfo.InvariantCulture, $"| {mnemonic} | {reason} |\n");
        page.Append(CultureInfo.InvariantCulture, $"| verw m, in an alternative | {LeftAlone.VerwInAlternative} |\n");
        page.Append(CultureInfo.InvariantCulture, $"| anything in `.code16`, `.code32`, `.code64` | {LeftAlone.OtherMode} |\n");
        page.Append(
            CultureInfo.InvariantCulture,
            $"| anything between `.set .Llilyvm_rewrite, 0` and `.set .Llilyvm_rewrite, 1` | {LeftAlone.SwitchedOff} |\n");
        return page.ToString();
    }

    private static void AppendRules(StringBuilder page, RuleSet rules)
    {
        bool wide = rules.Bits == 64;
        string forms = wide ? "Calls, jumps and inline forms" : "Calls";
        page.Append(CultureInfo.InvariantCulture, $"\n## {rules.Name}\n\nABI version {rules.AbiVersion}.\n\n### {forms}\n\n");
        page.Append("| instruction | operands | VM library entry | follows | flags | changes | fault |").Append(wide ? " inline form |\n" : "\n");
        page.Append("| --- | --- | --- | --- | --- | --- | --- |").Append(wide ? " --- |\n" : "\n");
        foreach (RewriteRule rule in rules.All)
        {
            string flags = rule.Flags == FlagsEffect.Preserved ? "preserved" : "as the instruction";
            page.Append(
                CultureInfo.InvariantCulture,
                $"| {rule.Mnemonics} | {rule.Pattern} | lily_{rule.Entry} | {rule.Operands} | {flags} | {rule.Registers} | " +
                $"{(rule.MayFault ? "yes" : "no")} |{(wide ? Inline(rule.Inline) : "")}\n");
        }
    }

    private static string Inline(InlineText? inline) => inline is null ? " |" : $" `{inline.Template}`" + inline.Condition switch
    {
        FlagsCondition.DeadAfter => " (dead) |",
        FlagsCondition.UndefinedBefore => " (undefined) |",
        _ => " |",
    };

    private static void AppendRejected(StringBuilder page, RuleSet rules)
    {
        page.Append("\n### Rejected\n\nSensitive, but without a rule: an error with file and line.\n\n");
        page.AppendJoin(' ', rules.Rejected.Select(m => $"`{m}`")).Append('\n');
    }
}
