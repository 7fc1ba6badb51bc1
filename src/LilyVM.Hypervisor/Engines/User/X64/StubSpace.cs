namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// What the address space of a stub holds beside the guest's pages, and what changes when it gets the baton. Safe: writes the vCPU, whose
/// pages every stub has mapped.
/// </summary>
internal static unsafe class StubSpace
{
    private const ulong LargePages = 14; // MADV_HUGEPAGE

    /// <summary>The process begins; on the stack are its arguments. A stub has its name only.</summary>
    public static void Enter(long* stack)
    {
        if (*stack != 1)
            MountHelper.Run((byte*)stack[2]); // argv[1], System V psABI 3.4.1
    }

    /// <summary>In the template: what all stubs have. The VM area is there already, for this code runs on what is in it.</summary>
    public static void Prepare(Vcpu* cpu)
    {
        cpu->EngineEntry = Native.Address(AssemblyAddress.Hypercall);
        cpu->EngineStack = Native.Address(AssemblyAddress.Stack);
        SetUp.Require(StubCall.Mmap, Reservation.Renew());
        Stub.Map(Layout.Ram, cpu->RamEnd + Layout.PatchBytes, Layout.RamFile);
        if (This.Machine->RamGrowth == RamGrowth.ByTouch)
            SetUp.Try(StubCall.Madvise, Layout.Ram, cpu->RamEnd + Layout.PatchBytes, LargePages);
        Stub.MapPrivate(Layout.Places, Places.Bytes);
        // The library's text is in that file.
        SetUp.Require(
            StubCall.Mprotect, Host.Call(Host.Mprotect, Layout.MachineFile, Layout.MachineFileSize, Host.ReadWriteExecute) == 0);
        if (KeptKernel.IsOn)
            KeptKernel.Begin(cpu->RamEnd + Layout.PatchBytes);
    }

    /// <summary>Nothing that the guest does is a system call of the host's.</summary>
    public static void Try()
    {
    }

    /// <summary>In a new stub, before its filter.</summary>
    public static void Begin()
    {
        if (Programs.AreApart)
            Programs.Start();
    }

    /// <summary>A signal that means something came while this code ran, or while this stub waits for its programs.</summary>
    public static void Kicked() => Programs.Interrupt();

    /// <summary>The system calls that this stub makes from here on.</summary>
    public static void WriteFilter(FilterWriter* filter) => FilterRules.Write(filter, Programs.Process);

    /// <summary>The guest has an address space of its own now; each one is complete.</summary>
    public static void LeaveStart()
    {
    }

    /// <summary>Another stub gets the baton.</summary>
    public static void Leave(Vcpu* cpu) => AddressSpace.ApplyDeferred();

    /// <summary>This stub has it.</summary>
    public static void Arrive()
    {
    }
}
