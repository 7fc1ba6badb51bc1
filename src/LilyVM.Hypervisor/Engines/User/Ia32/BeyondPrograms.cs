using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Guest programs at addresses of the guest kernel, where their real segments end: the CPU reports #GP without an address, where the
/// guest's CPU would have looked into the page tables. Safe: guest memory is reached through the page walk only.
/// </summary>
internal static unsafe class BeyondPrograms
{
    /// <summary>
    /// After #GP(0) of an instruction: executes it, if it is a known one with an operand up there, against the guest's page tables.
    /// </summary>
    public static Outcome Access(Vcpu* cpu)
    {
        MemoryOperation operation;
        Outcome outcome;
        if (!MemoryInstructions.TryDecode(cpu, &operation, &outcome))
            return outcome;
        uint address = operation.Address;
        if (operation.Form == MemoryForm.MoveString && !IsBeyond(address, operation.Width))
            address = cpu->Di;
        return IsBeyond(address, operation.Width) ? Accesses.RunOnRam(cpu, address) : Outcome.NotHandled;
    }

    /// <summary>
    /// The CPU refused to enter a guest program: mostly because of its EIP, for which the guest gets the page fault of a fetch.
    /// </summary>
    public static Outcome Enter(Vcpu* cpu)
    {
        Translation translation;
        if (cpu->Ip < Layout.ProgramEnd)
        {
            Descriptors.Refuse(cpu, Vectors.GeneralProtection, 0);
        }
        else if (PageWalk.Walk(cpu, cpu->Ip, AccessFlags.User, &translation))
        {
            // A page of the kernel that is open to programs: data there works, code does not.
            Descriptors.Refuse(cpu, Vectors.PageFault, AccessFlags.User | AccessFlags.Protection);
            cpu->Fault.Address = cpu->Ip;
        }
        return Events.RaiseFault(cpu);
    }

    private static bool IsBeyond(uint address, uint width) => address > Layout.ProgramEnd - width;
}
