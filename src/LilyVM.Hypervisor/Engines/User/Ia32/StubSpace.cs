using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// What the address space of a stub holds beside the guest's pages, and what changes when it gets the baton. Safe: writes pages above 4
/// GiB, and trampolines in pages, that every stub has mapped.
/// </summary>
internal static unsafe class StubSpace
{
    /// <summary>The process begins; on the stack are its arguments.</summary>
    public static void Enter(long* stack)
    {
    }

    /// <summary>In the template: what all stubs have.</summary>
    public static void Prepare(Vcpu* cpu)
    {
        This.InitializeOwn();
        AddressSpace.OpenSecondFile();
        Stub.Map(Layout.Ram, cpu->RamEnd, Layout.RamFile);
        ulong tables = Layout.MappedPages + (AddressSpace.MappedPagesSize + 0xFFF & ~0xFFFul);
        Stub.MapPrivate(Layout.MappedPages, tables + LdtPlaces.TableBytes - Layout.MappedPages);
        MakeTrampolines();
        AddressSpace.ShowVmArea();
        LdtPlaces.Initialize((byte*)tables);
        RealSegments.Initialize();
        AddressSpace.MapAlias();
    }

    /// <summary>
    /// A system call as guest programs make them. A host without IA-32 emulation answers by a fault, which does no harm (<see
    /// cref="Signals"/>); a profile that ends the process for it would end the guest at its first one.
    /// </summary>
    public static void Try()
    {
        SetUp.Name(StubCall.Old);
        Native.OldSystemCall();
    }

    /// <summary>In a new stub: programs run in it.</summary>
    public static void Begin()
    {
    }

    /// <summary>A signal that means something came while this code ran.</summary>
    public static void Kicked()
    {
    }

    /// <summary>The system calls that this stub makes from here on.</summary>
    public static void WriteFilter(FilterWriter* filter) => FilterRules.Write(filter);

    /// <summary>The guest has an address space of its own now.</summary>
    public static void LeaveStart() => AddressSpace.RemoveAlias();

    /// <summary>Another stub gets the baton.</summary>
    public static void Leave(Vcpu* cpu) => RealSegments.Leave(cpu);

    /// <summary>This stub has it.</summary>
    public static void Arrive() => RealSegments.Arrive();

    // Where far jumps of the VM library and of the guest's vDSO lead, to this stub: 64-bit code, at the same place whatever the guest's
    // segments are.
    private static void MakeTrampolines()
    {
        WriteTrampoline(Layout.HypercallTrampoline, Native.Address(AssemblyAddress.Hypercall));
        WriteTrampoline(Layout.SystemCallTrampoline, Native.Address(AssemblyAddress.SystemCall));
        const uint Page = VmArea.Private - VmArea.Base;
        Stub.Require(
            Host.Call(Host.Mmap, Layout.Trampolines, 0x1000, Host.ReadExecute, Host.Shared | Host.Fixed,
                Layout.MachineFileDescriptor, Page),
            Layout.Trampolines);
    }

    private static void WriteTrampoline(uint address, ulong target)
    {
        byte* code = (byte*)(Layout.MachineFile + (VmArea.Private - VmArea.Base) + (address - Layout.Trampolines));
        // jmp *2(%rip), then the address, aligned.
        code[0] = 0xFF;
        code[1] = 0x25;
        *(uint*)(code + 2) = 2;
        *(ulong*)(code + 8) = target;
    }
}
