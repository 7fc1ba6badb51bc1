namespace LilyVM.Hypervisor.Engines.User;

/// <content>
/// Mappings of programs' addresses, carried out in their process in the order in which this stub made them. Safe: what is written is
/// within the capacity; the process's filter checks each.
/// </content>
internal static unsafe partial class Programs
{
    private static uint commands; // not in the shared page, which programs can write

    /// <summary>Guest RAM is mapped.</summary>
    public static void Map(ulong start, ulong bytes, int protection, ulong flags, ulong offset) =>
        Add(Host.Mmap, start, bytes, (ulong)protection, flags, offset);

    /// <summary>What is mapped has these rights now.</summary>
    public static void Protect(ulong start, ulong bytes, int protection) => Add(Host.Mprotect, start, bytes, (ulong)protection, 0, 0);

    /// <summary>A base of FS or GS.</summary>
    public static void SetBase(ulong which, ulong address) => Add(Host.ArchPrctl, which, address, 0, 0, 0);

    /// <summary>Everything is given back.</summary>
    public static void Renew()
    {
        commands = 0; // whatever they were, nothing of them would be left
        Reserve(Reservation.Lowest, Layout.Image - Reservation.Lowest);
        Bases.Forget();
    }

    /// <summary>Addresses are reserved; nothing is mapped there any more.</summary>
    public static void Reserve(ulong start, ulong bytes) => Add(Host.Mmap, start, bytes, Host.NoAccess, Host.Nothing, 0);

    /// <summary>What the process has of the stub's goes.</summary>
    public static void Unmap(ulong start, ulong bytes) => Add(Host.Munmap, start, bytes, 0, 0, 0);

    private static void Add(int number, ulong first, ulong second, ulong third, ulong fourth, ulong sixth)
    {
        if (commands == ProgramPage.Capacity)
        {
            Page->Stay = 1;
            TakeTurn();
        }
        ProgramCommand* command = (ProgramCommand*)(Layout.Programs + ProgramPage.CommandsAt) + commands;
        command->Number = (uint)number;
        command->First = first;
        command->Second = second;
        command->Third = third;
        command->Fourth = fourth;
        command->Sixth = sixth;
        Page->CommandCount = ++commands;
    }
}
