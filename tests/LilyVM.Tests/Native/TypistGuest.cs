using Iced.Intel;
using LilyVM.Tests.Boot;
using static Iced.Intel.AssemblerRegisters;
using CodeAssembler = Iced.Intel.Assembler;

namespace LilyVM.Tests.Native;

/// <summary>
/// An unconverted guest that prints "ready" and what is typed, but for the keys that end it: q with status 7, h halts for good, f by a
/// triple fault, c and w by one after a word in the reset flag, as Linux does for a restart and for a panic.
/// </summary>
internal static class TypistGuest
{
    private const uint Entry = 0x10_0000, Serial = 0x3F8, ResetFlag = 0x472;

    /// <summary>Builds the ELF file. One that does not listen never asserts RTS.</summary>
    internal static byte[] Build(bool listens = true)
    {
        var a = new CodeAssembler(32);
        foreach (char c in "ready\n")
            Out(a, Serial, c);
        if (listens)
            Out(a, Serial + 4, (char)3); // DTR and RTS
        Label notYet = a.CreateLabel();
        a.Label(ref notYet);
        a.mov(edx, Serial + 5);
        a.@in(al, dx);
        a.test(al, 1);
        a.jz(notYet);
        a.mov(edx, Serial);
        a.@in(al, dx);
        On(a, 'q', () => Out(a, 0xF4, (char)7));
        On(a, 'h', () =>
        {
            a.cli();
            a.hlt();
        });
        On(a, 'f', () => TripleFault(a));
        On(a, 'c', () => ResetAfter(a, 0));
        On(a, 'w', () => ResetAfter(a, 0x1234));
        Label busy = a.CreateLabel();
        a.mov(bl, al);
        a.Label(ref busy);
        a.mov(edx, Serial + 5);
        a.@in(al, dx);
        a.test(al, 0x20); // the transmitter takes another byte
        a.jz(busy);
        a.mov(al, bl);
        a.mov(edx, Serial);
        a.@out(dx, al);
        a.jmp(notYet);
        return Finish(a);
    }

    /// <summary>Another one, which prints "ready" and halts for good.</summary>
    internal static byte[] BuildHalting()
    {
        var a = new CodeAssembler(32);
        foreach (char c in "ready\n")
            Out(a, Serial, c);
        a.cli();
        a.hlt();
        return Finish(a);
    }

    private static void On(CodeAssembler a, char key, Action then)
    {
        Label other = a.CreateLabel();
        a.cmp(al, (sbyte)key);
        a.jne(other);
        then();
        a.Label(ref other);
        a.nop();
    }

    private static void Out(CodeAssembler a, uint port, char value)
    {
        a.mov(edx, port);
        a.mov(al, (sbyte)value);
        a.@out(dx, al);
    }

    private static void ResetAfter(CodeAssembler a, int flag)
    {
        a.mov(__word_ptr[ResetFlag], (short)flag);
        TripleFault(a);
    }

    private static byte[] Finish(CodeAssembler a)
    {
        using var code = new MemoryStream();
        a.Assemble(new StreamCodeWriter(code), Entry);
        return new ElfBuilder { Entry = Entry }.Code(".text", Entry, code.ToArray()).Build();
    }

    private static void TripleFault(CodeAssembler a)
    {
        a.push(0);
        a.push(0);
        a.lidt(__[esp]); // an empty IDT, so the next fault cannot be delivered
        a.ud2();
    }
}
