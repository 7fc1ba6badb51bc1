using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Hypervisor.Build;

/// <summary>
/// The check of what the native compiler made (build/freestanding-check.sh), fed with the code that it makes of C# that breaks a rule.
/// </summary>
public class GateTests
{
    [Fact]
    public void Code_with_integers_and_calls_of_native_entry_passes()
    {
        Command.Result result = Check(
            "movl (%rdi), %eax; movq %rax, 0x8(%rsp); lock cmpxchgl %ecx, (%rdi); movabsq $0xf, %rdx; call lily_syscall; .long " +
            "lily_panic; ret");
        Assert.Equal(("", 0), (result.Error, result.Status));
    }

    /// <summary>What C# was written, in code as the compiler translates it, and the finding.</summary>
    public static TheoryData<string, string> Broken { get; } = new()
    {
        // *to = *from of 32 bytes
        { "movups (%rsi), %xmm0; movups %xmm0, (%rdi); movups 16(%rsi), %xmm0; movups %xmm0, 16(%rdi)", "SSE registers" },
        // the same on a newer instruction set
        { "vmovdqu (%rsi), %ymm0; vmovdqu %ymm0, (%rdi)", "SSE registers" },
        { "vmovdqu64 (%rsi), %zmm17; vzeroupper", "SSE registers" },
        // return a * b of doubles
        { "mulsd %xmm1, %xmm0", "SSE registers" },
        { "fldt (%rdi)", "the FPU" },
        { "fninit", "the FPU" },
        { "movq (%rsi), %mm3", "the FPU" },
        // a thread static field
        { "movq %fs:0, %rax", "FS or GS" },
        { "movl %gs:(%rdi), %eax", "FS or GS" },
        // a local in the red zone
        { "movl %eax, -0x8(%rsp)", "below the stack pointer" },
        { "movl %eax, -0x10(%rsp,%rcx,4)", "below the stack pointer" },
        // [UnmanagedCallersOnly]
        { "call RhpReversePInvoke", "UnmanagedCallersOnly" },
        // new object()
        { "call RhpNewFast", "RhpNewFast: needs this function of a runtime" },
        { "call RhpNewFast", "needs a runtime (new" },
        // stackalloc byte[16]
        { "movq __security_cookie(%rip), %rax", "an array on the stack" },
        // throw
        { "call RhpThrowEx", "RhpThrowEx: needs this function of a runtime" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Code_that_breaks_a_rule_is_refused_and_the_finding_says_where_and_why(string code, string finding)
    {
        Command.Result result = Check(code);
        Assert.Equal(1, result.Status);
        Assert.All(result.Error.TrimEnd('\n').Split('\n'), line => Assert.StartsWith("error : ", line, StringComparison.Ordinal));
        Assert.Contains(finding, result.Error, StringComparison.Ordinal);
        if (!finding.Contains(':', StringComparison.Ordinal))
            Assert.Contains("error : Hypervisor_Method: ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Stub_LilyVM_Hypervisor_Pit___cctor", "static constructors are never run")]
    [InlineData("__EagerCctor_Stub_LilyVM_Hypervisor_Pit", "static constructors are never run")]
    [InlineData("__GCSTATICS_Stub_LilyVM_Hypervisor_Pit", "refers to an object")]
    [InlineData("__THREADSTATIC_INDEX_Stub_LilyVM_Hypervisor_Pit", "thread static")]
    public void Static_state_that_needs_a_runtime_is_refused(string symbol, string finding)
    {
        Command.Result result = Check($"ret; .globl {symbol}; {symbol}: ret");
        Assert.Equal(1, result.Status);
        Assert.StartsWith($"error : {symbol}: ", result.Error, StringComparison.Ordinal);
        Assert.Contains(finding, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_object_is_refused()
    {
        using var scratch = new ScratchFolder();
        File.WriteAllText(scratch["t.o"], "text");
        Assert.NotEqual(0, Run(scratch["t.o"]).Status);
    }

    private static Command.Result Check(string code)
    {
        using var scratch = new ScratchFolder();
        string item = scratch["t.o"];
        Command.Result assembled = Command.Run(
            "gcc", ["-c", "-x", "assembler", "-o", item, "-"],
            $".globl Hypervisor_Method; .section __managedcode,\"ax\",@progbits; Hypervisor_Method: {code}\n");
        Assert.Equal(0, assembled.Status);
        return Run(item);
    }

    private static Command.Result Run(string item) =>
        Command.Run("sh", [Path.Combine(Repository.Root, "build", "freestanding-check.sh"), item]);
}
