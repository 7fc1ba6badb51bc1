using Iced.Intel;
using LilyVM.Abi;
using LilyVM.Boot;
using LilyVM.Native;
using LilyVM.Tests.Boot;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Native;

public class NativeKernelTests
{
    private const uint Text = 0xC100_0000, SiteAddress = Text + 1;

    private static readonly string Flag = $"%ss:0x{VmArea.Vcpu:x}", FlagByte = $"%ss:0x{VmArea.Vcpu + 1:x}",
        Pending = $"%ss:0x{VmArea.Vcpu + 4:x}";
    private static readonly string Deliver = $"call 0x{LibraryEntries.All.Single(e => e.Name == "deliver").Address:x}";

    /// <summary>The inline forms and what they stand for (DESIGN.md, sections 5 and 6).</summary>
    public static TheoryData<string, string> Forms { get; } = new()
    {
        { $"movb $0, {FlagByte}", "cli" },
        { $"movb $2, {FlagByte}; cmpb $0, {Pending}; je 1f; {Deliver}; 1:", "sti" },
        { $"pushfl; popl %edx; andl $~0x200, %edx; orl {Flag}, %edx", "pushfl; popl %edx" },
        { $"movl %eax, {Flag}; andl $0x200, {Flag}; jz 1f; cmpb $0, {Pending}; je 1f; {Deliver}; 1: pushl %eax; popfl",
            "pushl %eax; popfl" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void An_inline_form_becomes_the_original_and_nops(string form, string original)
    {
        byte[] code = Assemble(form), wanted = Assemble(original);
        byte[] kernel = Kernel(code, Site(code.Length, wanted));
        byte[] undone = NativeKernel.UndoInlineSites(kernel, "k");
        byte[] text = TextSection(undone);
        Assert.Equal([.. wanted, 0xC3], text[^(wanted.Length + 1)..]);
        Assert.All(Decode(text[..^(wanted.Length + 1)]), i => Assert.Equal(Mnemonic.Nop, i.Mnemonic));
        Assert.Equal(kernel.Length, undone.Length);
    }

    [Theory]
    [InlineData("cli")]
    [InlineData("int $0x80")]
    [InlineData("swapgs")]
    [InlineData("mov %cr8, %r9")]
    [InlineData("mov %gs, %dx")]
    [InlineData("push %fs")]
    public void An_inline_form_of_64_bit_code_becomes_the_original(string original)
    {
        byte[] wanted = TextSection(ToolElf.Link64($".globl _start\n_start: {original}\n"));
        byte[] undone = NativeKernel.UndoInlineSites(ToolElf.Link64(Gas.ConvertWhole($".globl _start\n_start: nop; {original}; ret\n",
            bits: 64)), "k");
        Assert.Equal([.. wanted, 0xC3], TextSection(undone)[^(wanted.Length + 1)..]);
        byte[] damaged = ToolElf.Link64(Gas.ConvertWhole($".globl _start\n_start: nop; {original}; ret\n", bits: 64));
        damaged[Elf.Parse(damaged, "k").FileOffset(0x4100_0001, 1)!.Value] = 0xCC;
        Assert.Contains("holds other code", Assert.Throws<LilyVMException>(() => NativeKernel.UndoInlineSites(damaged, "k")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Code_that_is_no_inline_form_is_never_overwritten()
    {
        Assert.Contains("at 0xc1000001 holds other code", Refusal([.. Enumerable.Repeat((byte)0x90, 8)], Site(8, [0xFA])),
            StringComparison.Ordinal);
        byte[] otherAddress = Assemble("movb $0, %ss:0xC1000001");
        Assert.Contains("holds other code", Refusal(otherAddress, Site(otherAddress.Length, [0xFA])), StringComparison.Ordinal);
        byte[] form = Assemble($"movb $0, {FlagByte}");
        Assert.Contains("holds other code", Refusal(form, Site(form.Length - 1, [0xFA])), StringComparison.Ordinal);
        byte[] jumpsOut = Assemble($"movb $0, {FlagByte}; jmp . + 0x40");
        Assert.Contains("holds other code", Refusal(jumpsOut, Site(jumpsOut.Length, [0xFA])), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_instructions_that_have_inline_forms_are_put_back()
    {
        byte[] form = Assemble($"movb $0, {FlagByte}");
        Assert.Contains("stands for no known instruction", Refusal(form, Site(form.Length, [0xF4])), StringComparison.Ordinal);
        Assert.Contains("stands for no known instruction", Refusal(form, new InlineSite(SiteAddress, 1, 2, 0x9C, 0x58)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_site_outside_the_kernel_is_refused()
    {
        Assert.Contains("lies outside the kernel", Refusal([0x90], new InlineSite(0x1234, 8, 1, 0xFA, 0)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unconverted_kernel_is_refused()
    {
        var error = Assert.Throws<LilyVMException>(() => NativeKernel.UndoInlineSites(new ElfBuilder().Code(".text", Text, 0x90)
            .Build(), "k"));
        Assert.Contains("was not converted", error.Message, StringComparison.Ordinal);
    }

    private static InlineSite Site(int length, byte[] original) =>
        new(SiteAddress, (byte)length, (byte)original.Length, original[0], original.Length > 1 ? original[1] : (byte)0);

    private static byte[] Kernel(byte[] form, InlineSite site) =>
        new ElfBuilder().Code(".text", Text, [0x90, .. form, 0xC3]).Conversion(VmArea.AbiVersion, 1, site).Build();

    private static string Refusal(byte[] form, InlineSite site) =>
        Assert.Throws<LilyVMException>(() => NativeKernel.UndoInlineSites(Kernel(form, site), "k")).Message;

    /// <summary>Code for <see cref="SiteAddress"/>; the byte before it is a NOP.</summary>
    private static byte[] Assemble(string code) => TextSection(ToolElf.Link($".globl _start\n_start: nop\n{code}\n"))[1..];

    private static byte[] TextSection(byte[] image)
    {
        Elf elf = Elf.Parse(image, "k");
        return elf.Bytes(elf.Sections.Single(s => s.Name == ".text")).ToArray();
    }

    private static List<Instruction> Decode(byte[] code)
    {
        var decoder = Decoder.Create(32, code);
        var list = new List<Instruction>();
        while (decoder.IP < (ulong)code.Length)
            list.Add(decoder.Decode());
        return list;
    }
}
