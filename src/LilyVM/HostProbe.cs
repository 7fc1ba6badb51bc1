using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using LilyVM.Boot;
using LilyVM.Engines;
using Microsoft.Win32.SafeHandles;

namespace LilyVM;

/// <summary>Looks for what the user engine needs, by asking the host's kernel, and by running a guest of three instructions.</summary>
public static partial class HostProbe
{
    private const nint ModifyLdt = 154, Futex = 202, SeccompCall = 317, MemfdCreate = 319; // system call numbers of x86-64
    private const nint FutexWake = 1; // linux/futex.h
    private const nint GetActionAvailable = 2; // linux/seccomp.h
    private const uint ActionTrap = 0x0003_0000;

    /// <summary>Why the kernel engine cannot be used, and what to do; null if it can.</summary>
    public static string? KernelEngineProblem() => Engines.Kernel.ModuleDevice.Problem();

    /// <summary>Whether <c>--engine kvm</c> is of use here, in a sentence.</summary>
    public static string KvmEngine() => Engines.Kvm.KvmCalibration.Report();

    /// <summary>All findings for the user engine.</summary>
    public static IReadOnlyList<HostFinding> UserEngine()
    {
        string? problem = TestGuest();
        bool works = problem is null; // then all that it needs is there
        List<HostFinding> findings = [new("x86-64 processor with FXSR and SSE2", X86Base.IsSupported && Sse2.IsSupported, HostNeeds.Processor)];
        // Where asking is punished by death, we do not ask ourselves.
        if (problem is null || !HostNeeds.IsPunishment(problem))
        {
            findings.Add(new("modify_ldt system call", works || HasModifyLdt(), HostNeeds.ModifyLdt));
            findings.Add(new("seccomp filters that signal", works || HasSeccompFilters(), HostNeeds.Seccomp));
            findings.Add(new("memory files (memfd_create)", works || HasMemoryFiles(), HostNeeds.MemoryFiles));
            findings.Add(new("futex system call", works || HasFutexes(), HostNeeds.Futexes));
        }
        findings.Add(new("room for many mappings", MaxMapCount() is >= 65530, HostNeeds.Mappings));
        findings.Add(new("a test guest in 32-bit segments", works, problem ?? ""));
        return findings;
    }

    // What counts in the end: 32-bit segments can be installed and work, and the filter lets the engine do its work. Null, or what is wrong.
    private static string? TestGuest()
    {
        const uint RamBytes = GuestLayout.MinFreeRam, Entry = GuestLayout.HighStart, Port = 0xF4;
        const byte Answer = 42;
        try
        {
            using IEngine engine = EngineSelector.Create(EngineKind.User, GuestArchitecture.Ia32, RamBytes);
            byte[] code = [0xB0, Answer, 0xE6, (byte)Port, 0xF4]; // mov $42, %al; out %al, $0xf4; hlt
            engine.Ram.TryGetSpan(Entry, (ulong)code.Length, out Span<byte> place);
            code.CopyTo(place);
            engine.Prepare(new StartState(Entry, 0, 0, 0, GuestLayout.StackTop, CpuidPolicy.ForThisHost(GuestArchitecture.Ia32)));
            Exit exit = default;
            engine.Run(ref exit);
            return exit is { Reason: ExitReason.PortWrite, Address: Port, Value: Answer } ? null : exit.Message ?? $"The test guest ended by {exit.Reason}.";
        }
        catch (LilyVMException e)
        {
            return e.Message;
        }
    }

    // Reading this process's LDT, which has no entry: 0 bytes.
    private static unsafe bool HasModifyLdt()
    {
        ulong entry;
        return Call(ModifyLdt, 0, (nint)(&entry), sizeof(ulong), 0, 0) >= 0;
    }

    private static unsafe bool HasSeccompFilters()
    {
        uint action = ActionTrap;
        return Call(SeccompCall, GetActionAvailable, 0, (nint)(&action), 0, 0) == 0;
    }

    private static unsafe bool HasMemoryFiles()
    {
        byte name = 0;
        nint file = Call(MemfdCreate, (nint)(&name), 0, 0, 0, 0);
        using var handle = new SafeFileHandle(file, ownsHandle: file >= 0); // closed at once
        return file >= 0;
    }

    private static unsafe bool HasFutexes()
    {
        uint word = 0;
        return Call(Futex, (nint)(&word), FutexWake, 1, 0, 0) == 0; // wakes nobody
    }

    private static long? MaxMapCount()
    {
        try
        {
            return long.TryParse(File.ReadAllText("/proc/sys/vm/max_map_count"), out long count) ? count : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Call(nint number, nint first, nint second, nint third, nint fourth, nint fifth);
}
