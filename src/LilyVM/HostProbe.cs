using System.Runtime.Intrinsics.X86;
using LilyVM.Boot;
using LilyVM.Engines;
using LilyVM.Engines.User;

namespace LilyVM;

/// <summary>Looks for what engines need of this host, by asking its kernel, and by running guests of three instructions.</summary>
public static class HostProbe
{
    /// <summary>Why the kernel engine cannot be used, and what to do; null if it can.</summary>
    public static string? KernelEngineProblem() => Engines.Kernel.ModuleDevice.Problem();

    /// <summary>Whether <c>--engine kvm</c> is of use here, in a sentence.</summary>
    public static string KvmEngine() => Engines.Kvm.KvmCalibration.Report();

    /// <summary>What keeps programs of x86-64 guests from their kernel here if nobody asks for anything else, in a sentence.</summary>
    public static string Isolation() => LilyVM.Isolation.DescribeAuto();

    /// <summary>Whether folders can be shared with guests here, and if not what to do.</summary>
    public static HostFinding SharedFolders() => Daemons.VirtioFsDaemon.Finding();

    /// <summary>Whether guests can have disk images here that are not raw, and if not what to do.</summary>
    public static HostFinding DiskImages() => Daemons.StorageDaemon.Finding();

    /// <summary>All findings for guests of an architecture on the user engine.</summary>
    public static IReadOnlyList<HostFinding> UserEngine(GuestArchitecture guest)
    {
        ArgumentNullException.ThrowIfNull(guest);
        string? problem = TestGuest(guest);
        // Where asking is punished by death, we do not ask ourselves. Stubs for another guest may come farther.
        bool mayAsk = GuestArchitecture.All.Select(a => a == guest ? problem : TestGuest(a))
            .All(p => p is null || !HostNeeds.IsPunishment(p));
        bool isX64 = guest == GuestArchitecture.X64;
        bool works = problem is null; // then all that it needs is there
        List<HostFinding> findings =
            [new("x86-64 processor with FXSR and SSE2", X86Base.IsSupported && Sse2.IsSupported, HostNeeds.Processor)];
        if (mayAsk)
        {
            if (!isX64)
                findings.Add(new("modify_ldt system call", works || HostQuestions.HasModifyLdt(), HostNeeds.ModifyLdt));
            findings.Add(new("seccomp filters that signal", works || HostQuestions.HasSeccompFilters(), HostNeeds.Seccomp));
            findings.Add(new("memory files (memfd_create)", works || HostQuestions.HasMemoryFiles(), HostNeeds.MemoryFiles));
            findings.Add(new("futex system call", works || HostQuestions.HasFutexes(), HostNeeds.Futexes));
        }
        string fewMappings = isX64 ? HostNeeds.FewMappings : HostNeeds.Mappings;
        findings.Add(new("room for many mappings", HostQuestions.HasManyMappings(), fewMappings) { IsOptional = isX64 });
        if (isX64)
            findings.AddRange(OfLargeAddressSpaces(works));
        findings.Add(new(isX64 ? "a test guest" : "a test guest in 32-bit segments", works, problem ?? ""));
        return findings;
    }

    private static IEnumerable<HostFinding> OfLargeAddressSpaces(bool works) =>
    [
        new("no limit of address space", works || AddressRoom.LimitProblem() is null, HostNeeds.AddressLimit),
        new("47 bits of addresses", works || AddressRoom.TopProblem() is null, HostNeeds.AddressBits),
        new("addresses from 64 KiB", works || AddressRoom.LowProblem() is null, HostNeeds.LowAddresses),
        new("memory that counts when it is touched", HostQuestions.GivesMemoryAtTouch(), HostNeeds.Commitment) { IsOptional = true },
        new("FSGSBASE instructions", HostCpu.HasBaseInstructions(), HostNeeds.BaseInstructions) { IsOptional = true },
        OfRam(RamSources.OfThisHost()),
    ];

    private static HostFinding OfRam(RamSource source)
    {
        string how = RamSources.Describe(source) is { } words ? $" ({words})" : "";
        return new("guest RAM in pages of 2 MiB" + how, source != RamSource.SmallPages, HostNeeds.LargePages) { IsOptional = true };
    }

    // What counts in the end: the guest's code runs, and the filter lets the engine do its work. Null, or what is wrong.
    private static string? TestGuest(GuestArchitecture guest)
    {
        const uint RamBytes = GuestLayout.MinFreeRam, Entry = GuestLayout.HighStart, Port = 0xF4;
        const byte Answer = 42;
        try
        {
            using IEngine engine = EngineSelector.Create(EngineKind.User, guest, RamBytes);
            byte[] code = [0xB0, Answer, 0xE6, (byte)Port, 0xF4]; // mov $42, %al; out %al, $0xf4; hlt: in both architectures
            engine.Ram.TryGetSpan(Entry, (ulong)code.Length, out Span<byte> place);
            code.CopyTo(place);
            ulong tables = guest == GuestArchitecture.X64 ? GuestLoader.PlaceStartTables(engine.Ram) : 0;
            engine.Prepare(new StartState(Entry, 0, 0, 0, GuestLayout.StackTop, CpuidPolicy.ForThisHost(guest)) { PageTables = tables });
            Exit exit = default;
            engine.Run(ref exit);
            return exit is { Reason: ExitReason.PortWrite, Address: Port, Value: Answer }
                ? null
                : exit.Message ?? $"The test guest ended by {exit.Reason}.";
        }
        catch (LilyVMException e)
        {
            return e.Message;
        }
    }
}
