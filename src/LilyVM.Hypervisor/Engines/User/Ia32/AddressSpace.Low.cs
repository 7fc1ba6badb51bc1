using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

/// <content> Where the guest's address 0 lies in this process. As a rule at 0; but the host allows nobody but root to map what is below
/// vm.mmap_min_addr (64 KiB), and a guest may have pages there, programs even. From the first use of one on, all that the guest sees lies
/// one region higher, and all its segments start there: the CPU adds that to each address, for a cycle or none. </content>
internal static unsafe partial class AddressSpace
{
    private const uint HostMinimum = 0x1_0000; // vm.mmap_min_addr at most

    /// <summary>How far the guest moves up: one region, so that the host's large pages stay aligned.</summary>
    public const uint Distance = 1 << 22;

    /// <summary>What is added to the guest's addresses: to be subtracted from those that the CPU reports.</summary>
    public static uint Shift;

    // The lowest address of the guest that can be mapped now.
    private static uint Lowest => Shift != 0 ? 0 : HostMinimum;

    /// <summary>The guest needs its lowest 64 KiB: what it sees moves up, and is mapped anew when it is used.</summary>
    public static void MoveUp()
    {
        This.Count(Counter.MovesUp);
        ForgetAll();
        Move(Distance);
    }

    /// <summary>Shows the guest library and vCPU page where docs/abi.md says.</summary>
    public static void ShowVmArea()
    {
        Show(VmArea.Base, VmArea.Base, VmArea.LibrarySize, Host.ReadExecute);
        Show(VmArea.Vcpu, VmArea.Vcpu, 0x1000, Host.ReadWrite);
        Show(VmArea.Private, VmArea.Private, VmArea.MappedSize - (VmArea.Private - VmArea.Base), Host.ReadExecute);
    }

    /// <summary>Shows the VM library where calls of unpaged code land.</summary>
    public static void MapAlias()
    {
        alias = true;
        Show(VmArea.UnpagedAlias, VmArea.Base, VmArea.LibrarySize, Host.ReadExecute);
    }

    /// <summary>The first different CR3: unpaged code ran for the last time.</summary>
    public static void RemoveAlias()
    {
        if (!alias)
            return;
        alias = false;
        Remove(VmArea.UnpagedAlias >> 12, VmArea.LibrarySize >> 12);
    }

    // Nothing of the guest's is mapped.
    private static void Move(uint shift)
    {
        Remove(VmArea.Base >> 12, VmArea.MappedSize >> 12);
        if (alias)
            Remove(VmArea.UnpagedAlias >> 12, VmArea.LibrarySize >> 12);
        Shift = shift;
        ShowVmArea();
        if (alias)
            MapAlias();
        RealSegments.Follow();
    }

    // A part of the VM area, from the file that all stubs share.
    private static void Show(uint gva, uint part, uint size, int rights)
    {
        ulong address = Linear(gva >> 12);
        nint result = Host.Call(Host.Mmap, address, size, (ulong)rights, Host.Shared | Host.Fixed, Layout.MachineFileDescriptor,
            part - VmArea.Base);
        if (result == (nint)address)
            return;
        if (This.Index == This.NoIndex)
            Host.Leave(-(int)result); // the template, before there is a guest
        Failure.Report(FailureCode.MapFailed, address, (ulong)-result);
    }

    private static ulong Linear(uint page) => ((ulong)page << 12) + Shift;
}
