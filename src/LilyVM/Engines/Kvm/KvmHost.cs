using System.Runtime.InteropServices;
using LilyVM.Engines.Kernel;
using LilyVM.Engines.User;
using LilyVM.Hypervisor.Shared.Kernel;

namespace LilyVM.Engines.Kvm;

/// <summary>
/// A KVM guest as host of the kernel hypervisor: its ring 0 is native/module/kvm, the portable half of the kernel module with the few
/// services that are left to do there. This object is the hardware under it (<see cref="KvmInterface"/>). Safe as far as guest RAM stays
/// mapped while it lives.
/// </summary>
internal sealed unsafe class KvmHost : IHypervisorHost
{
    private const string Image = "kvm.bin";
    private const uint PageSize = 4096, TscMsr = 0x10;
    private const int Fixed = 0x10; // MAP_FIXED
    private const nuint RecordBytes = KernelLayout.RunRecordPages * PageSize, AreaBytes = KernelLayout.VmAreaPages * PageSize;
    private readonly KvmGuest guest;
    private readonly MemoryFile memory;
    private readonly KickSignal kick = new();
    private nint record, area;
    private bool bound, interruptDue;

    private KvmHost(KvmGuest guest)
    {
        this.guest = guest;
        memory = new MemoryFile("lilyvm-kvm", KvmInterface.MemorySize);
    }

    /// <inheritdoc/>
    public string EngineName => "kvm";

    /// <inheritdoc/>
    public RunRecord* Record => (RunRecord*)record;

    /// <inheritdoc/>
    public byte* Area => (byte*)area;

    private KvmHeader* Header => (KvmHeader*)memory.Start;

    /// <summary>Makes a KVM guest without memory.</summary>
    internal static KvmHost Open()
    {
        var guest = new KvmGuest();
        try
        {
            return new KvmHost(guest);
        }
        catch
        {
            guest.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Create(byte* ram, uint ramBytes, uint maxPoolPages)
    {
        Resource.Read(Image).CopyTo(new Span<byte>(memory.Start, (int)memory.Size));
        Header->RamSize = ramBytes;
        Header->MaxPoolPages = maxPoolPages;
        guest.AddMemory(0, ram, ramBytes);
        guest.AddMemory(KvmInterface.Memory, memory);
        Start();
        KvmExit exit = guest.Enter(untilWindow: false);
        while (exit == KvmExit.Signal) // somebody else's
            exit = guest.Enter(untilWindow: false);
        if (exit == KvmExit.Failed)
            throw new LilyVMException(guest.Problem);
        if (Header->Argument != 0)
            throw new LilyVMException(
                $"The machine cannot be made in a KVM guest: {Marshal.GetPInvokeErrorMessage(-(int)Header->Argument)}.");
        record = Map(new ReadOnlySpan<ulong>(Header->RecordPages, (int)KernelLayout.RunRecordPages));
        area = Map(new ReadOnlySpan<ulong>(Header->AreaPages, (int)KernelLayout.VmAreaPages));
    }

    /// <inheritdoc/>
    public ulong ReadTsc() => guest.ReadMsr(TscMsr);

    /// <inheritdoc/>
    public bool Run(out string? problem)
    {
        problem = null;
        if (!bound)
            guest.SetSignalMask(kick.Bind());
        bound = true;
        while (true)
        {
            interruptDue = interruptDue && !guest.TryInterrupt(KvmInterface.Vector);
            switch (guest.Enter(untilWindow: interruptDue))
            {
                case KvmExit.Port when Serve((KvmService)guest.PortValue):
                    return true;
                case KvmExit.Signal:
                    kick.Wait(0);
                    interruptDue = true;
                    break;
                case KvmExit.Failed:
                    problem = guest.Problem;
                    return true;
            }
        }
    }

    /// <inheritdoc/>
    public void Kick() => kick.Send();

    /// <inheritdoc/>
    public void Dispose()
    {
        kick.Dispose();
        guest.Dispose();
        if (record != 0)
            _ = HostCalls.Unmap(record, RecordBytes);
        if (area != 0)
            _ = HostCalls.Unmap(area, AreaBytes);
        record = area = 0;
        memory.Dispose();
    }

    // What the host in the guest cannot do itself. True if the hypervisor wants the VM process.
    private bool Serve(KvmService service)
    {
        switch (service)
        {
            case KvmService.Exit:
                return true;
            case KvmService.Sleep:
                if (!interruptDue)
                    kick.Wait(Header->Argument);
                interruptDue = false; // it looks around after sleeping
                return false;
            case KvmService.Timer:
                kick.SetTimer(Header->Argument);
                return false;
            default:
                return false;
        }
    }

    private void Start()
    {
        KvmCpuid cpuid;
        guest.ReadSupportedCpuid(&cpuid);
        guest.SetCpuid(&cpuid);
        uint leaf7 = 0;
        for (int i = 0; i < cpuid.Count; i++)
        {
            if (cpuid.All[i] is { Leaf: 7, Subleaf: 0 } features)
                leaf7 = features.Ecx;
        }
        ulong components = HostCpu.StateComponents();
        guest.SetStart(KvmStart.InHost(guest.ReadSystemRegisters(), *Header, leaf7, components != 0), Header->Entry);
        if (components != 0)
            guest.SetExtendedControl(components);
    }

    // Pages of the guest's memory side by side.
    private nint Map(ReadOnlySpan<ulong> pages)
    {
        nint start = HostCalls.Map(0, (nuint)pages.Length * PageSize, HostCalls.ReadWrite, HostCalls.Shared, memory.Descriptor, 0);
        bool all = start != -1;
        for (int i = 0; i < pages.Length && all; i++)
        {
            nint place = start + (nint)(i * PageSize);
            all = HostCalls.Map(place, PageSize, HostCalls.ReadWrite, HostCalls.Shared | Fixed, memory.Descriptor,
                (long)(pages[i] - KvmInterface.Memory)) == place;
        }
        return all ? start : throw new LilyVMException(
            $"The host refuses a mapping: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
    }
}
