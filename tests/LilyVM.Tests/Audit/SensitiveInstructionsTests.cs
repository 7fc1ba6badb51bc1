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
        ("smsw", ["smsw %eax", "smsw (%eax)"]), ("lar", ["lar %eax, %ecx", "lar (%eax), %ecx"]),
        ("lsl", ["lsl %eax, %ecx", "lsl (%eax), %ecx"]),
        ("verr", ["verr %ax", "verr (%eax)"]), ("verw", ["verw %ax", "verw (%eax)"]), ("arpl", ["arpl %ax, %cx", "arpl %ax, (%ecx)"]),
        ("lds", ["lds (%eax), %ecx"]), ("les", ["les (%eax), %ecx"]), ("lfs", ["lfs (%eax), %ecx"]), ("lgs", ["lgs (%eax), %ecx"]),
        ("lss", ["lss (%eax), %ecx"]), ("hlt", ["hlt"]), ("lgdt", ["lgdt (%eax)"]), ("lidt", ["lidt (%eax)"]),
        ("lldt", ["lldt %ax", "lldt (%eax)"]),
        ("ltr", ["ltr %ax", "ltr (%eax)"]), ("lmsw", ["lmsw %ax", "lmsw (%eax)"]), ("clts", ["clts"]), ("invd", ["invd"]),
        ("wbinvd", ["wbinvd"]),
        ("wbnoinvd", ["wbnoinvd"]), ("invlpg", ["invlpg (%eax)"]), ("invpcid", ["invpcid (%eax), %ecx"]), ("rdmsr", ["rdmsr"]),
        ("wrmsr", ["wrmsr"]),
        ("xsetbv", ["xsetbv"]), ("xsaves", [".byte 0x0F, 0xC7, 0x2F", "xsaves (%edi)"]), ("xrstors", [".byte 0x0F, 0xC7, 0x1F"]),
        ("clac", [".byte 0x0F, 0x01, 0xCA"]), ("stac", [".byte 0x0F, 0x01, 0xCB"]), ("monitor", [".byte 0x0F, 0x01, 0xC8"]),
        ("mwait", [".byte 0x0F, 0x01, 0xC9"]), ("monitorx", ["monitorx"]), ("mwaitx", ["mwaitx"]), ("rsm", ["rsm"]), ("getsec", ["getsec"]),
        ("wruss", ["wrussd %eax, (%ecx)"]), ("setssbsy", ["setssbsy"]), ("clrssbsy", ["clrssbsy (%eax)"]), ("vmlaunch", ["vmlaunch"]),
        ("vmresume", ["vmresume"]), ("vmread", ["vmread %eax, %ecx"]), ("vmwrite", ["vmwrite %eax, %ecx"]), ("vmptrld", ["vmptrld (%eax)"]),
        ("vmptrst", ["vmptrst (%eax)"]), ("vmclear", ["vmclear (%eax)"]), ("vmxon", ["vmxon (%eax)"]), ("vmxoff", ["vmxoff"]),
        ("invept", ["invept (%eax), %ecx"]), ("invvpid", ["invvpid (%eax), %ecx"]), ("vmrun", ["vmrun"]), ("vmload", ["vmload"]),
        ("vmsave", ["vmsave"]),
        ("stgi", ["stgi"]), ("clgi", ["clgi"]), ("skinit", ["skinit"]), ("invlpga", ["invlpga"]),
        ("in", ["inb $4, %al", "inl %dx, %eax", "inw %dx, %ax"]), ("out", ["outb %al, $4", "outl %eax, %dx"]),
        ("ins", ["insb", "rep insw", "insl"]),
        ("outs", ["outsb", "outsw", "rep outsl"]), ("int", ["int $0x80"]), ("int1", [".byte 0xF1"]), ("sysenter", ["sysenter"]),
        ("sysexit", ["sysexit"]),
        ("syscall", ["syscall"]), ("sysret", ["sysretl"]), ("lret", ["lret", "lret $4"]), ("ljmp", ["ljmp $8, $0", "ljmp *(%eax)"]),
        ("lcall", ["lcall $8, $0", "lcall *(%eax)"]), ("cpuid", ["cpuid"]), ("rdpmc", ["rdpmc"]), ("umonitor", ["umonitor %eax"]),
        ("umwait", ["umwait %eax"]), ("tpause", ["tpause %eax"]), ("mov-cr", ["mov %cr3, %eax", "mov %eax, %cr0"]),
        ("mov-dr", ["mov %db7, %eax", "mov %eax, %db0"]),
        ("mov-sreg", ["mov %ds, %eax", "mov %ax, %es", "mov %cs, (%eax)", "mov (%eax), %gs"]), ("push-sreg", ["push %cs", "push %fs"]),
        ("pop-sreg", ["pop %ds", "pop %gs"]),
    ];

    // What 64-bit code has not, has in another way, or has alone; the others are 32-bit code's with wider registers.
    private static readonly string[] Not64 = ["arpl", "lds", "les"];

    private static readonly (string Name, string[] Forms)[] Only64 =
    [
        ("pushf", ["pushfq", "pushfw"]), ("popf", ["popfq", "popfw"]), ("iret", ["iretq", "iretl", "iretw"]), ("swapgs", ["swapgs"]),
        ("lkgs", [".byte 0xF2, 0x0F, 0x00, 0xF0"]), ("rdfsbase", ["rdfsbase %rax", "rdfsbase %eax"]), ("rdgsbase", ["rdgsbase %r9"]),
        ("wrfsbase", ["wrfsbase %rax"]),
        ("wrgsbase", ["wrgsbase %r9d"]), ("xsaves", ["xsaves64 (%rdi)", "xsaves (%rdi)"]),
        ("xrstors", ["xrstors64 (%rdi)", "xrstors (%rdi)"]),
        ("wruss", ["wrussq %rax, (%rcx)", "wrussd %eax, (%rcx)"]), ("invlpgb", ["invlpgb"]), ("tlbsync", ["tlbsync"]),
        ("wrmsrns", [".byte 0x0F, 0x01, 0xC6"]),
        ("rdmsrlist", [".byte 0xF2, 0x0F, 0x01, 0xC6"]), ("wrmsrlist", [".byte 0xF3, 0x0F, 0x01, 0xC6"]), ("hreset", ["hreset $0"]),
        ("erets", [".byte 0xF2, 0x0F, 0x01, 0xCA"]),
        ("eretu", [".byte 0xF3, 0x0F, 0x01, 0xCA"]), ("sysexit", ["sysexitl", "sysexitq"]), ("sysret", ["sysretl", "sysretq"]),
        ("ljmp", ["ljmp *(%rax)", "rex.w ljmp *(%r9)"]), ("lcall", ["lcall *(%rax)"]), ("lret", ["lret", "lretq", "lret $4"]),
        ("vmread", ["vmread %rax, %rcx"]), ("vmwrite", ["vmwrite %rax, %rcx"]), ("invept", ["invept (%rax), %rcx"]),
        ("invvpid", ["invvpid (%rax), %rcx"]),
        ("invpcid", ["invpcid (%rax), %rcx"]), ("mov-cr", ["mov %cr3, %rax", "mov %r9, %cr0", "mov %cr8, %r10"]),
        ("mov-dr", ["mov %db7, %rax", "mov %r9, %db0"]),
        ("mov-sreg", ["mov %ds, %eax", "mov %ax, %es", "mov %cs, (%rax)", "mov (%r9), %gs"]), ("push-sreg", ["push %fs", "push %gs"]),
        ("pop-sreg", ["pop %gs"]),
        ("sldt", ["sldt %rax", "sldt %r9d", "sldt (%rax)"]), ("fs-operand", ["mov %fs:8, %rax", "lock incl %fs:(%rdi)"]),
        ("gs-operand", ["mov %gs:8(%rip), %eax", "call *%gs:(%rax)", "gs lodsb"]),
    ];

    [Fact]
    public void Every_form_is_found_under_its_name() => RequireNames(Samples, wide: false);

    [Fact]
    public void Every_form_of_64_bit_code_is_found_under_its_name() => RequireNames(Samples64, wide: true);

    private static (string Name, string[] Forms)[] Samples64 =>
    [
        .. Samples.Where(s => !Not64.Contains(s.Name) && !Only64.Any(o => o.Name == s.Name))
            .Select(s => (s.Name, s.Forms.Select(f => f.Replace("(%e", "(%r", StringComparison.Ordinal)).ToArray())),
        .. Only64,
    ];

    private static void RequireNames((string Name, string[] Forms)[] samples, bool wide)
    {
        string[] forms = [.. samples.SelectMany(s => s.Forms)];
        string[] wanted = [.. samples.SelectMany(s => s.Forms.Select(_ => s.Name))];
        // A symbol each keeps the forms apart should one be misread.
        string text = ".globl _start\n_start:\n" + string.Concat(forms.Select((form, i) => $"form_{i}: {form}\n"));
        AuditReport report = KernelAudit.Run(Elf.Parse(wide ? ToolElf.Link64(text) : ToolElf.Link(text), "k"), []);
        Assert.Equal(wanted.Select((name, i) => $"form_{i} {name}"), report.Findings.Select(f => $"{f.Symbol} {f.Name}"));
    }

    [Fact]
    public void Every_name_has_a_sample()
    {
        Assert.Equal(SensitiveInstructions.Ia32.Names, Samples.Select(s => s.Name).Order(StringComparer.Ordinal));
        Assert.Equal(SensitiveInstructions.X64.Names, Samples64.Select(s => s.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("rdtsc; int3; ud2; pause; lock orl $1, (%eax); xgetbv; fxsave (%eax); xsave (%eax)")]
    [InlineData("mov %ds:(%eax), %ecx; movl %eax, %fs:4; push %eax; pop (%eax); sahf; lahf; cld; std; stc")]
    [InlineData("call . + 5; jmp . + 2; ret; ret $4; jmp *(%eax); leave; enter $4, $0; bound %eax, (%ecx)")]
    public void Harmless_instructions_pass(string code)
    {
        Assert.Empty(KernelAudit.Run(Elf.Parse(ToolElf.Link($".globl _start\n_start: {code}\n"), "k"), []).Findings);
    }

    [Theory]
    [InlineData("rdtsc; int3; ud2; pause; lock orl $1, (%rax); xgetbv; fxsave64 (%rax); xsave64 (%rax); xsaveopt (%r9)")]
    [InlineData("movsbl (%rax), %ecx; push %rax; pop (%rax); sahf; lahf; cld; std; stc; nopl %gs:(%rax); lea %fs:4, %rax; " +
        "movsq; rep stosb")]
    [InlineData("call . + 5; jmp . + 2; ret; ret $4; jmp *(%rax); leave; enter $4, $0; call *0x41000000; movslq %eax, %rcx")]
    public void Harmless_instructions_of_64_bit_code_pass(string code)
    {
        Assert.Empty(KernelAudit.Run(Elf.Parse(ToolElf.Link64($".globl _start\n_start: {code}\n"), "k"), []).Findings);
    }
}
