using LilyVM.Audit;
using LilyVM.Boot;
using LilyVM.Tests.Boot;

namespace LilyVM.Tests.Audit;

public class SensitiveInstructionsTests
{
    // One line per name, all forms that differ in encoding. What gas does not know for 32-bit code stands in bytes.
    private static readonly (string Name, string[] Forms)[] Samples =
    [
        ("cli", ["cli"]), ("sti", ["sti"]), ("pushf", ["pushfl", "pushfw"]), ("popf", ["popfl", "popfw"]), ("iret", ["iretl", "iretw"]),
        ("sgdt", ["sgdt (%eax)"]), ("sidt", ["sidt (%eax)"]), ("sldt", ["sldt %eax", "sldt (%eax)"]), ("str", ["str %eax", "str (%eax)"]),
        ("smsw", ["smsw %eax", "smsw (%eax)"]), ("lar", ["lar %eax, %ecx", "lar (%eax), %ecx"]), ("lsl", ["lsl %eax, %ecx", "lsl (%eax), %ecx"]),
        ("verr", ["verr %ax", "verr (%eax)"]), ("verw", ["verw %ax", "verw (%eax)"]), ("arpl", ["arpl %ax, %cx", "arpl %ax, (%ecx)"]),
        ("lds", ["lds (%eax), %ecx"]), ("les", ["les (%eax), %ecx"]), ("lfs", ["lfs (%eax), %ecx"]), ("lgs", ["lgs (%eax), %ecx"]),
        ("lss", ["lss (%eax), %ecx"]), ("hlt", ["hlt"]), ("lgdt", ["lgdt (%eax)"]), ("lidt", ["lidt (%eax)"]), ("lldt", ["lldt %ax", "lldt (%eax)"]),
        ("ltr", ["ltr %ax", "ltr (%eax)"]), ("lmsw", ["lmsw %ax", "lmsw (%eax)"]), ("clts", ["clts"]), ("invd", ["invd"]), ("wbinvd", ["wbinvd"]),
        ("wbnoinvd", ["wbnoinvd"]), ("invlpg", ["invlpg (%eax)"]), ("invpcid", ["invpcid (%eax), %ecx"]), ("rdmsr", ["rdmsr"]), ("wrmsr", ["wrmsr"]),
        ("xsetbv", ["xsetbv"]), ("xsaves", [".byte 0x0F, 0xC7, 0x2F", "xsaves (%edi)"]), ("xrstors", [".byte 0x0F, 0xC7, 0x1F"]),
        ("clac", [".byte 0x0F, 0x01, 0xCA"]), ("stac", [".byte 0x0F, 0x01, 0xCB"]), ("monitor", [".byte 0x0F, 0x01, 0xC8"]),
        ("mwait", [".byte 0x0F, 0x01, 0xC9"]), ("monitorx", ["monitorx"]), ("mwaitx", ["mwaitx"]), ("rsm", ["rsm"]), ("getsec", ["getsec"]),
        ("wruss", ["wrussd %eax, (%ecx)"]), ("setssbsy", ["setssbsy"]), ("clrssbsy", ["clrssbsy (%eax)"]), ("vmlaunch", ["vmlaunch"]),
        ("vmresume", ["vmresume"]), ("vmread", ["vmread %eax, %ecx"]), ("vmwrite", ["vmwrite %eax, %ecx"]), ("vmptrld", ["vmptrld (%eax)"]),
        ("vmptrst", ["vmptrst (%eax)"]), ("vmclear", ["vmclear (%eax)"]), ("vmxon", ["vmxon (%eax)"]), ("vmxoff", ["vmxoff"]),
        ("invept", ["invept (%eax), %ecx"]), ("invvpid", ["invvpid (%eax), %ecx"]), ("vmrun", ["vmrun"]), ("vmload", ["vmload"]), ("vmsave", ["vmsave"]),
        ("stgi", ["stgi"]), ("clgi", ["clgi"]), ("skinit", ["skinit"]), ("invlpga", ["invlpga"]),
        ("in", ["inb $4, %al", "inl %dx, %eax", "inw %dx, %ax"]), ("out", ["outb %al, $4", "outl %eax, %dx"]), ("ins", ["insb", "rep insw", "insl"]),
        ("outs", ["outsb", "outsw", "rep outsl"]), ("int", ["int $0x80"]), ("int1", [".byte 0xF1"]), ("sysenter", ["sysenter"]), ("sysexit", ["sysexit"]),
        ("syscall", ["syscall"]), ("sysret", ["sysretl"]), ("lret", ["lret", "lret $4"]), ("ljmp", ["ljmp $8, $0", "ljmp *(%eax)"]),
        ("lcall", ["lcall $8, $0", "lcall *(%eax)"]), ("cpuid", ["cpuid"]), ("rdpmc", ["rdpmc"]), ("umonitor", ["umonitor %eax"]),
        ("umwait", ["umwait %eax"]), ("tpause", ["tpause %eax"]), ("mov-cr", ["mov %cr3, %eax", "mov %eax, %cr0"]),
        ("mov-dr", ["mov %db7, %eax", "mov %eax, %db0"]),
        ("mov-sreg", ["mov %ds, %eax", "mov %ax, %es", "mov %cs, (%eax)", "mov (%eax), %gs"]), ("push-sreg", ["push %cs", "push %fs"]),
        ("pop-sreg", ["pop %ds", "pop %gs"]),
    ];

    [Fact]
    public void Every_form_is_found_under_its_name()
    {
        string[] forms = [.. Samples.SelectMany(s => s.Forms)];
        string[] wanted = [.. Samples.SelectMany(s => s.Forms.Select(_ => s.Name))];
        // A symbol each keeps the forms apart should one be misread.
        string text = ".globl _start\n_start:\n" + string.Concat(forms.Select((form, i) => $"form_{i}: {form}\n"));
        AuditReport report = KernelAudit.Run(Elf32.Parse(ToolElf.Link(text), "k"), []);
        Assert.Equal(wanted.Select((name, i) => $"form_{i} {name}"), report.Findings.Select(f => $"{f.Symbol} {f.Name}"));
    }

    [Fact]
    public void Every_name_has_a_sample()
    {
        Assert.Equal(SensitiveInstructions.Names, Samples.Select(s => s.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("rdtsc; int3; ud2; pause; lock orl $1, (%eax); xgetbv; fxsave (%eax); xsave (%eax)")]
    [InlineData("mov %ds:(%eax), %ecx; movl %eax, %fs:4; push %eax; pop (%eax); sahf; lahf; cld; std; stc")]
    [InlineData("call . + 5; jmp . + 2; ret; ret $4; jmp *(%eax); leave; enter $4, $0; bound %eax, (%ecx)")]
    public void Harmless_instructions_pass(string code)
    {
        Assert.Empty(KernelAudit.Run(Elf32.Parse(ToolElf.Link($".globl _start\n_start: {code}\n"), "k"), []).Findings);
    }
}
