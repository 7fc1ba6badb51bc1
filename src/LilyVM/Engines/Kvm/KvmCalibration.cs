using System.Diagnostics;
using System.Globalization;
using LilyVM.Engines.User;

namespace LilyVM.Engines.Kvm;

/// <summary>
/// How fast this host's KVM executes 32-bit code in ring 0. Some that are guests themselves emulate it, instruction by instruction, and
/// opening the device does not tell.
/// </summary>
internal static unsafe class KvmCalibration
{
    private const uint Rounds = 3, Loops = 10_000, InstructionsPerLoop = 2, Bytes = 4096;
    private const double Emulated = 50; // nanoseconds: no processor of these days is that slow, and no emulator inside a kernel that fast

    // again: mov $Loops,%ecx; 1: dec %ecx; jnz 1b; out %eax,$0x4c; jmp again
    private static ReadOnlySpan<byte> Code =>
        [0xB9, unchecked((byte)Loops), (byte)(Loops >> 8), 0, 0, 0x49, 0x75, 0xFD, 0xE7, 0x4C, 0xEB, 0xF4];

    /// <summary>What doctor says of --engine kvm.</summary>
    internal static string Report()
    {
        try
        {
            return Describe(NanosecondsPerInstruction());
        }
        catch (LilyVMException e)
        {
            return e.Message;
        }
    }

    /// <summary>The same for that many nanoseconds an instruction.</summary>
    internal static string Describe(double nanoseconds)
    {
        string rate = string.Create(CultureInfo.InvariantCulture, $"{nanoseconds:0.0} ns an instruction");
        return nanoseconds < Emulated
            ? $"--engine kvm works here, {rate}; auto never chooses it."
            : $"--engine kvm would be slow: this host's /dev/kvm emulates ring 0 and 32-bit code, {rate}.";
    }

    // The shortest round: whatever comes in between makes others longer.
    private static double NanosecondsPerInstruction()
    {
        using var guest = new KvmGuest();
        using var memory = new MemoryFile("lilyvm-kvm-probe", Bytes);
        Code.CopyTo(new Span<byte>(memory.Start, (int)memory.Size));
        guest.AddMemory(0, memory);
        guest.SetStart(KvmStart.In32Bits(guest.ReadSystemRegisters()), rip: 0);
        TimeSpan best = TimeSpan.MaxValue;
        for (uint i = 0; i < Rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            KvmExit exit = guest.Enter(untilWindow: false);
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            if (exit == KvmExit.Failed)
                throw new LilyVMException(guest.Problem);
            if (exit == KvmExit.Port && time < best)
                best = time;
        }
        return best.TotalNanoseconds / (Loops * InstructionsPerLoop);
    }
}
