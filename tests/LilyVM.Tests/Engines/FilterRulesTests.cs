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

    private static readonly ulong[] X64 = WriteX64(programs: 0), Ia32 = WriteIa32();

    private static readonly Dictionary<string, (ulong[] Program, StubCalls.Row[] Rows)> Filters = new(StringComparer.Ordinal)
    {
        ["x86-64"] = (X64, StubCalls.OfX64),
        ["x86-64, programs apart"] = (WriteX64(StubCalls.Programs), StubCalls.OfX64WithPrograms),
        ["programs"] = (WriteForPrograms(), StubCalls.OfPrograms),
        ["IA-32"] = (Ia32, StubCalls.OfIa32),
    };

    public static TheoryData<string, string, StubCalls.Row> Rows =>
        [.. Filters.SelectMany(f => f.Value.Rows.Select(r => new TheoryDataRow<string, string, StubCalls.Row>(f.Key, r.Name, r)))];

    public static TheoryData<string> Names => new(Filters.Keys);

    [Theory]
    [MemberData(nameof(Rows))]
    public void What_a_stub_needs_is_allowed_and_each_variation_is_not(string filter, string name, StubCalls.Row row) =>
        Assert.True((row.IsAllowed ? Allow : Kill) == Run(Filters[filter].Program, row.Call, X86_64, Stub + 0x1000, row.Arguments), name);

    [Theory]
    [MemberData(nameof(Names))]
    public void All_other_calls_are_refused(string filter)
    {
        (ulong[] program, StubCalls.Row[] rows) = Filters[filter];
        foreach (uint number in Enumerable.Range(0, 1024).SelectMany(n => (uint[])[(uint)n, (uint)n | 0x4000_0000, (uint)n | 0x8000_0000]))
        {
            if (!rows.Any(r => r.Call == number))
                Assert.Equal(Kill, Run(program, number, X86_64, Stub + 0x1000, [0, 0, 0, 0, 0, 0]));
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
            Assert.Equal(Trap, Run(Filters["programs"].Program, number, X86_64, 0x40_1234, [0, 0, 0, 0, 0, 0]));
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

    private static unsafe ulong[] WriteX64(uint programs) => Written((int)X64FilterWriter.Most, first =>
    {
        var writer = new X64FilterWriter(first);
        X64FilterRules.Write(&writer, programs);
        return writer.Count;
    });

    private static unsafe ulong[] WriteForPrograms() => Written((int)X64FilterWriter.Most, first =>
    {
        var writer = new X64FilterWriter(first);
        X64FilterRules.WriteForPrograms(&writer, StubCalls.Secret);
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
