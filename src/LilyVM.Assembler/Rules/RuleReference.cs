using System.Globalization;
using System.Text;
using LilyVM.Abi;
using LilyVM.Assembler.Emission;

namespace LilyVM.Assembler.Rules;

/// <summary>Writes docs/rewrites.md from the tables, so that page and program cannot differ.</summary>
public static class RuleReference
{
    /// <summary>The reference page.</summary>
    public static string Markdown()
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # What the assembler preprocessor rewrites

            Generated from `src/LilyVM.Assembler/Rules` by `lilyvm convert --rules`. ABI version {VmArea.AbiVersion}; docs/abi.md explains calls and operand NOPs.

            Operand classes: `r32`, `r16` general registers (not ESP), `greg` a 32-bit one or ESP, `acc` AL, AX or EAX, `imm` immediate, `m` memory, `ind` indirect memory, `sreg` segment, `lseg` segment but CS, `creg` control,
            `dreg` debug register, `arg` a macro argument. In "follows", `M` is a NOP with the memory operand, `V` one whose address is the value, `R` one whose base names the
            destination register; the digit is the operand's place. "Fault" says that the instruction may fault, which is then reported at the call.

            ## Calls

            | instruction | operands | VM library entry | follows | flags | changes | fault |
            | --- | --- | --- | --- | --- | --- | --- |

            """);
        foreach (RewriteRule rule in RewriteRules.All)
        {
            string flags = rule.Flags == FlagsEffect.Preserved ? "preserved" : "as the instruction";
            page.Append(CultureInfo.InvariantCulture, $"| {rule.Mnemonics} | {rule.Pattern} | lily_{rule.Entry} | {rule.Operands} | {flags} | {rule.Registers} | {(rule.MayFault ? "yes" : "no")} |\n");
        }
        page.Append("""

            `rep` (and `repe`, `repne`, which mean the same here) before a string form of `ins` and `outs` gives `lily_rep_...`. `sti` directly before `hlt`, `mwait` or `sysexit` is fused with
            it (`lily_sti_hlt`, `lily_sti_mwait`, `lily_sti_sysexit`), because no interrupt may be taken between the two.

            ## Inline forms

            Used in 32-bit code outside `.altinstr_replacement`, repeat blocks and quoted macro arguments. What changes flags is used only where they are provably dead.

            | instruction | inline form | bytes | condition |
            | --- | --- | --- | --- |

            """);
        foreach (InlineForm form in InlineForms.All)
            page.Append(CultureInfo.InvariantCulture, $"| {form.Original} | `{form.Template}` | {form.LengthWithEax} | {(form.ChangesFlags ? "flags dead" : "none")} |\n");
        page.Append("""

            ## Spellings

            Pseudo-prefixes (`{disp32}`, `{load}`) and the suffixes `.s`, `.d8`, `.d32` only choose an encoding and are dropped. Refused with file and line: sensitive instructions where
            registers may stand without a percent sign (`.intel_syntax`, `noprefix`, `-mnaked-reg`), system registers under another name (`stack = %ss`), sensitive mnemonics with
            operands and system registers as macro arguments that the macro puts into an instruction, and every form that no row above takes.

            ## Padded routines

            Sources pad routines to a size that is compared at run time, before one is copied over another. What conversion adds is taken from the padding: `.space`, `.skip`, `.zero`,
            `.fill` and `.rept n; nop; .endr` of a constant size up to 1024 bytes, behind a rewritten instruction and before the next alignment, unless a label stands directly before it.
            The assembler measures: each original goes into the section `.discard.lilyvm`, which the linker leaves out. What the padding cannot give is a warning with file, line and
            routine; so is a rewritten instruction in a routine `x` that ends with alignment alone at `x_end` or `end_x`.

            """);
        page.Append("\n## Rejected\n\nSensitive, but without a rule: an error with file and line.\n\n");
        page.AppendJoin(' ', RewriteRules.Rejected.Select(m => $"`{m}`"));
        page.Append("\n\n## Left alone\n\n| instruction | why |\n| --- | --- |\n");
        foreach ((string mnemonic, string reason) in LeftAlone.Reasons)
            page.Append(CultureInfo.InvariantCulture, $"| {mnemonic} | {reason} |\n");
        page.Append(CultureInfo.InvariantCulture, $"| verw m, in an alternative | {LeftAlone.VerwInAlternative} |\n");
        page.Append(CultureInfo.InvariantCulture, $"| anything in `.code16`, `.code64` | {LeftAlone.OtherMode} |\n");
        page.Append(CultureInfo.InvariantCulture, $"| anything between `.set .Llilyvm_rewrite, 0` and `.set .Llilyvm_rewrite, 1` | {LeftAlone.SwitchedOff} |\n");
        return page.ToString();
    }
}
