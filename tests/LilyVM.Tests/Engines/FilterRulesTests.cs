extern alias X64;
using LilyVM.Hypervisor.Engines.User;
using X64FilterRules = X64::LilyVM.Hypervisor.Engines.User.FilterRules;
using X64FilterWriter = X64::LilyVM.Hypervisor.Engines.User.FilterWriter;

namespace LilyVM.Tests.Engines;

/// <summary>
/// What the seccomp filters of stubs let through, run here as the host's kernel runs them (Linux, Documentation/networking/filter.rst).
/// </summary>
public sealed class FilterRulesTests
{
    private const uint Kill = FilterWriter.Kill, Trap = FilterWriter.Trap, Allow = FilterWriter.Allow;
    private const uint X86_64 = 0xC000_003E, I386 = 0x4000_0003;
    private const ulong Stub = 0x6000_0000_0000;

    private static readonly ulong[] Ia32 = WriteIa32(), X64 = WriteX64();

    public static TheoryData<string, bool, StubCalls.Row> Rows =>
    [
        .. StubCalls.OfX64.Select(r => new TheoryDataRow<string, bool, StubCalls.Row>(r.Name, true, r)),
        .. StubCalls.OfIa32.Select(r => new TheoryDataRow<string, bool, StubCalls.Row>(r.Name, false, r)),
    ];

    [Theory]
    [MemberData(nameof(Rows))]
    public void What_a_stub_needs_is_allowed_and_each_variation_is_not(string name, bool isX64, StubCalls.Row row) =>
        Assert.True((row.IsAllowed ? Allow : Kill) == Run(isX64 ? X64 : Ia32, row.Call, X86_64, Stub + 0x1000, row.Arguments), name);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void All_other_calls_are_refused(bool isX64)
    {
        StubCalls.Row[] rows = isX64 ? StubCalls.OfX64 : StubCalls.OfIa32;
        foreach (uint number in Enumerable.Range(0, 1024).SelectMany(n => (uint[])[(uint)n, (uint)n | 0x4000_0000, (uint)n | 0x8000_0000]))
        {
            if (!rows.Any(r => r.Call == number))
                Assert.Equal(Kill, Run(isX64 ? X64 : Ia32, number, X86_64, Stub + 0x1000, [0, 0, 0, 0, 0, 0]));
        }
    }

    [Fact]
    public void Calls_of_the_guest_become_signals()
    {
        foreach (uint number in Enumerable.Range(0, 1024).Select(n => (uint)n))
        {
            Assert.Equal(Trap, Run(X64, number, X86_64, 0x40_1234, [0, 0, 0, 0, 0, 0]));
            Assert.Equal(Trap, Run(X64, number, X86_64, 0x7F00_0000_0000, [0, 0, 0, 0, 0, 0]));
            Assert.Equal(Trap, Run(X64, number, I386, 0x40_1234, [0, 0, 0, 0, 0, 0]));
            Assert.Equal(Trap, Run(Ia32, number, I386, 0x804_8000, [0, 0, 0, 0, 0, 0]));
        }
    }

    private unsafe delegate uint Writing(ulong* first);

    private static unsafe ulong[] WriteIa32() => Written((int)FilterWriter.Most, first =>
    {
        var writer = new FilterWriter(first);
        FilterRules.Write(&writer);
        return writer.Count;
    });

    private static unsafe ulong[] WriteX64() => Written((int)X64FilterWriter.Most, first =>
    {
        var writer = new X64FilterWriter(first);
        X64FilterRules.Write(&writer);
        return writer.Count;
    });

    private static unsafe ulong[] Written(int most, Writing write)
    {
        ulong[] program = new ulong[most];
        fixed (ulong* first = program)
            return program[..(int)write(first)];
    }

    private static uint Run(ulong[] program, uint call, uint architecture, ulong address, ulong[] arguments)
    {
        ulong[] words = [call | (ulong)architecture << 32, address, .. arguments]; // struct seccomp_data
        uint[] data = [.. words.SelectMany(w => (uint[])[(uint)w, (uint)(w >> 32)])];
        uint[] memory = new uint[16];
        uint accumulator = 0, index = 0;
        for (int at = 0; ; at++)
        {
            ulong instruction = program[at];
            uint operand = (uint)(instruction >> 32), whenTrue = (byte)(instruction >> 16), whenFalse = (byte)(instruction >> 24);
            switch ((ushort)instruction)
            {
                case 0x20:
                    accumulator = data[operand / 4];
                    break;
                case 0x60:
                    accumulator = memory[operand];
                    break;
                case 0x02:
                    memory[operand] = accumulator;
                    break;
                case 0x07:
                    index = accumulator;
                    break;
                case 0x04:
                    accumulator += operand;
                    break;
                case 0x0C:
                    accumulator += index;
                    break;
                case 0x15:
                    at += (int)(accumulator == operand ? whenTrue : whenFalse);
                    break;
                case 0x35:
                    at += (int)(accumulator >= operand ? whenTrue : whenFalse);
                    break;
                case 0x3D:
                    at += (int)(accumulator >= index ? whenTrue : whenFalse);
                    break;
                case 0x06:
                    return operand;
                default:
                    throw new InvalidOperationException($"Unknown instruction {instruction:x16} at {at}.");
            }
        }
    }
}
