namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Writes a seccomp filter: a block for each system call that is allowed, with what its arguments must be. What passes no block is refused,
/// and so is what fails a test (linux/seccomp.h; Linux, Documentation/networking/filter.rst). Safe: writes to a program with room for
/// <see cref="Most"/> instructions; rules are few and fixed, and the tests write all of them.
/// </summary>
internal unsafe struct FilterWriter
{
    /// <summary>Instructions at most: jumps reach 255, and the host's kernel takes 4,096.</summary>
    public const uint Most = 224;

    /// <summary>What becomes of a call: the process is ended, it gets a signal, the call is made.</summary>
    public const uint Kill = 0x8000_0000, Trap = 0x0003_0000, Allow = 0x7FFF_0000;

    // Offsets in struct seccomp_data.
    private const uint Number = 0, Architecture = 4, Address = 8, Arguments = 16, High = 4;
    private const uint X86_64 = 0xC000_003E;

    // BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JGE|K, BPF_JMP|JGE|X, BPF_RET|K
    private const uint LoadWord = 0x20, JumpIfEqual = 0x15, JumpIfNotBelow = 0x35, JumpIfNotBelowIndex = 0x3D, Return = 0x06;

    // BPF_MISC|TAX, BPF_ALU|ADD|X, BPF_ALU|ADD|K, BPF_ST, BPF_LD|MEM
    private const uint ToIndex = 0x07, AddIndex = 0x0C, AddConstant = 0x04, Store = 0x02, Recall = 0x60;

    private const int IfTrue = 16, IfFalse = 24, Operand = 32;

    private readonly ulong* program;

    /// <summary>A filter of no instructions.</summary>
    public FilterWriter(ulong* program)
    {
        this.program = program;
        Count = 0;
    }

    /// <summary>How many instructions there are.</summary>
    public uint Count { get; private set; }

    /// <summary>Calls of another kind than that of 64-bit code.</summary>
    public void OtherArchitectures(uint verdict)
    {
        Load(Architecture);
        Test(JumpIfEqual, X86_64, whenTrue: 1, whenFalse: 0);
        End(verdict);
    }

    /// <summary>Calls from other addresses than those whose upper half is this.</summary>
    public void OtherAddresses(uint high, uint verdict)
    {
        Load(Address + High);
        Test(JumpIfEqual, high, whenTrue: 1, whenFalse: 0);
        End(verdict);
    }

    /// <summary>Begins the block of a system call; <see cref="End(uint, uint)"/> ends it.</summary>
    public uint Call(int number)
    {
        Load(Number);
        return Begin((uint)number);
    }

    /// <summary>Begins a block for what has this argument.</summary>
    public uint If(uint argument, ulong value)
    {
        Load(Low(argument));
        return Begin((uint)value);
    }

    /// <summary>Ends a block.</summary>
    public void End(uint block, uint verdict)
    {
        End(verdict);
        program[block] |= (ulong)(Count - block - 1) << IfFalse;
    }

    /// <summary>What no block took.</summary>
    public void End(uint verdict) => Add(Return, 0, 0, verdict);

    /// <summary>Refuses other values of the lower half of an argument.</summary>
    public void Require(uint argument, ulong value)
    {
        Load(Low(argument));
        Test(JumpIfEqual, (uint)value, whenTrue: 1, whenFalse: 0);
        End(Kill);
    }

    /// <summary>Refuses other values of the upper half of an argument.</summary>
    public void RequireUpper(uint argument, uint value)
    {
        Load(Low(argument) + High);
        Test(JumpIfEqual, value, whenTrue: 1, whenFalse: 0);
        End(Kill);
    }

    /// <summary>Refuses values that are none of two.</summary>
    public void Require(uint argument, ulong one, ulong other)
    {
        Load(Low(argument));
        Test(JumpIfEqual, (uint)one, whenTrue: 2, whenFalse: 0);
        Test(JumpIfEqual, (uint)other, whenTrue: 1, whenFalse: 0);
        End(Kill);
    }

    /// <summary>Refuses values that are none of three.</summary>
    public void Require(uint argument, ulong one, ulong second, ulong third)
    {
        Load(Low(argument));
        Test(JumpIfEqual, (uint)one, whenTrue: 3, whenFalse: 0);
        Test(JumpIfEqual, (uint)second, whenTrue: 2, whenFalse: 0);
        Test(JumpIfEqual, (uint)third, whenTrue: 1, whenFalse: 0);
        End(Kill);
    }

    /// <summary>Refuses values whose lower half is not below the bound.</summary>
    public void RequireBelow(uint argument, uint bound)
    {
        Load(Low(argument));
        Test(JumpIfNotBelow, bound, whenTrue: 0, whenFalse: 1);
        End(Kill);
    }

    /// <summary>Refuses values whose lower half is below the bound.</summary>
    public void RequireFrom(uint argument, uint bound)
    {
        Load(Low(argument));
        Test(JumpIfNotBelow, bound, whenTrue: 1, whenFalse: 0);
        End(Kill);
    }

    /// <summary>
    /// Refuses ranges that do not end at <paramref name="highest"/>, in units of 4 GiB, or below. The first argument is the address, the
    /// second how many bytes. Highest is below 2^31, so that no sum of upper halves overflows.
    /// </summary>
    public void RequireRangeBelow(uint highest)
    {
        const uint UpperSum = 0, LowerSum = 1; // words of scratch memory
        Load(Low(0) + High);
        Test(JumpIfNotBelow, highest, whenTrue: 0, whenFalse: 1);
        End(Kill);
        Add(ToIndex, 0, 0, 0);
        Load(Low(1) + High);
        Test(JumpIfNotBelow, highest + 1, whenTrue: 0, whenFalse: 1);
        End(Kill);
        Add(AddIndex, 0, 0, 0);
        Add(Store, 0, 0, UpperSum);
        Load(Low(0));
        Add(ToIndex, 0, 0, 0);
        Load(Low(1));
        Add(AddIndex, 0, 0, 0);
        Add(Store, 0, 0, LowerSum);
        Test(JumpIfNotBelowIndex, 0, whenTrue: 3, whenFalse: 0);
        Add(Recall, 0, 0, UpperSum);
        Add(AddConstant, 0, 0, 1); // the carry
        Add(Store, 0, 0, UpperSum);
        Add(Recall, 0, 0, UpperSum);
        Test(JumpIfNotBelow, highest, whenTrue: 0, whenFalse: 4);
        Test(JumpIfEqual, highest, whenTrue: 0, whenFalse: 2);
        Add(Recall, 0, 0, LowerSum);
        Test(JumpIfEqual, 0, whenTrue: 1, whenFalse: 0);
        End(Kill);
    }

    private static uint Low(uint argument) => Arguments + argument * 8;

    private uint Begin(uint value)
    {
        Test(JumpIfEqual, value, whenTrue: 0, whenFalse: 0); // where to is known at the end of the block
        return Count - 1;
    }

    private void Load(uint offset) => Add(LoadWord, 0, 0, offset);

    private void Test(uint code, uint value, uint whenTrue, uint whenFalse) => Add(code, whenTrue, whenFalse, value);

    private void Add(uint code, uint whenTrue, uint whenFalse, uint operand) =>
        program[Count++] = code | (ulong)whenTrue << IfTrue | (ulong)whenFalse << IfFalse | (ulong)operand << Operand;
}
