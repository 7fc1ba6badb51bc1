using System.Runtime.InteropServices;
using LilyVM.Engines.User;

namespace LilyVM.Engines.Kvm;

/// <summary>Why a KVM guest stopped.</summary>
internal enum KvmExit
{
    /// <summary>It wrote 4 bytes to a port: <see cref="KvmGuest.Port"/>.</summary>
    Port,

    /// <summary>It can take an interrupt now.</summary>
    Window,

    /// <summary>A signal is pending.</summary>
    Signal,

    /// <summary>It cannot go on: <see cref="KvmGuest.Problem"/>.</summary>
    Failed,
}

/// <summary>
/// A virtual machine of KVM with one vCPU. Safe as far as memory that it is given stays mapped while this object lives; the kvm_run that is
/// mapped here stays until <see cref="Dispose"/>.
/// </summary>
internal sealed unsafe class KvmGuest : IDisposable
{
    private const uint ReasonPort = 2, ReasonWindow = 7, ReasonShutdown = 8, ReasonSignal = 10; // KVM_EXIT_...
    private const int Interrupted = 4, Fault = 14; // errno
    private const ulong UnusedPages = 0xFFFB_D000; // three, in the hole below 4 GiB: Intel's processors need them for real mode
    private readonly int system, machine = -1, vcpu = -1;
    private readonly nuint runSize;
    private readonly nint run;
    private uint slots;

    /// <summary>Makes one without memory.</summary>
    internal KvmGuest()
    {
        system = KvmDevice.Open();
        try
        {
            machine = Check(HostCalls.Control(system, KvmCall.CreateVm, null), "makes no virtual machine");
            _ = Check(HostCalls.Control(machine, KvmCall.SetTssAddress, (void*)UnusedPages), "refuses the addresses of a PC");
            vcpu = Check(HostCalls.Control(machine, KvmCall.CreateVcpu, null), "makes no processor");
            runSize = (nuint)Check(HostCalls.Control(system, KvmCall.GetVcpuMapSize, null), "does not tell its sizes");
            run = HostCalls.Map(0, runSize, HostCalls.ReadWrite, HostCalls.Shared, vcpu, 0);
            _ = Check(run == -1 ? -1 : 0, "does not show its processor");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>With <see cref="KvmExit.Port"/>: which, and what was written.</summary>
    internal uint Port => Run->Port;

    /// <summary>See <see cref="Port"/>.</summary>
    internal uint PortValue => *(uint*)((byte*)Run + Run->PortData);

    /// <summary>With <see cref="KvmExit.Failed"/>: a sentence.</summary>
    internal string Problem { get; private set; } = "";

    private KvmRun* Run => (KvmRun*)run;

    /// <summary>Gives it memory.</summary>
    internal void AddMemory(ulong address, MemoryFile memory) => AddMemory(address, memory.Start, (ulong)memory.Size);

    /// <summary>Gives it memory.</summary>
    internal void AddMemory(ulong address, byte* place, ulong size)
    {
        KvmMemory region = new() { Slot = slots++, Address = address, Size = size, Place = (ulong)place };
        _ = Check(HostCalls.Control(machine, KvmCall.SetMemory, &region), "refuses the guest's memory");
    }

    /// <summary>What this host's KVM can give a guest.</summary>
    internal void ReadSupportedCpuid(KvmCpuid* cpuid)
    {
        *cpuid = new KvmCpuid { Count = KvmCpuid.Capacity };
        _ = Check(HostCalls.Control(system, KvmCall.GetSupportedCpuid, cpuid), "does not tell what it can do");
    }

    /// <summary>Makes the processor have all that.</summary>
    internal void SetCpuid(KvmCpuid* cpuid) => Check(HostCalls.Control(vcpu, KvmCall.SetCpuid, cpuid), "refuses its own features");

    /// <summary>Sets XCR0.</summary>
    internal void SetExtendedControl(ulong value)
    {
        KvmExtendedControl control = new() { Count = 1, Value = value };
        _ = Check(HostCalls.Control(vcpu, KvmCall.SetExtendedControl, &control), "refuses the registers that this host's programs have");
    }

    /// <summary>The state after a reset.</summary>
    internal KvmSystemRegisters ReadSystemRegisters()
    {
        KvmSystemRegisters registers;
        _ = Check(HostCalls.Control(vcpu, KvmCall.GetSystemRegisters, &registers), "does not tell its registers");
        return registers;
    }

    /// <summary>Sets where it starts.</summary>
    internal void SetStart(KvmSystemRegisters registers, ulong rip)
    {
        const ulong Fixed = 2;
        KvmRegisters general = new() { Rip = rip, Rflags = Fixed };
        _ = Check(HostCalls.Control(vcpu, KvmCall.SetSystemRegisters, &registers), "refuses the state of its processor");
        _ = Check(HostCalls.Control(vcpu, KvmCall.SetRegisters, &general), "refuses the state of its processor");
    }

    /// <summary>A model-specific register.</summary>
    internal ulong ReadMsr(uint number)
    {
        KvmMsr msr = new() { Count = 1, Number = number };
        _ = Check(HostCalls.Control(vcpu, KvmCall.GetMsrs, &msr) == 1 ? 0 : -1, "does not tell its registers");
        return msr.Value;
    }

    /// <summary>Which signals are blocked while the guest runs; others end that. Only the low 64 there are.</summary>
    internal void SetSignalMask(ulong blocked)
    {
        KvmSignalMask mask = new() { Size = sizeof(ulong), Blocked = blocked };
        _ = Check(HostCalls.Control(vcpu, KvmCall.SetSignalMask, &mask), "refuses signals");
    }

    /// <summary>Delivers an external interrupt if the guest took one where it stopped last.</summary>
    internal bool TryInterrupt(uint vector)
    {
        if (Run->TakesInterrupt == 0)
            return false;
        _ = Check(HostCalls.Control(vcpu, KvmCall.Interrupt, &vector), "refuses an interrupt");
        return true;
    }

    /// <summary>Lets it run, until it takes an interrupt at the latest if that is wanted.</summary>
    internal KvmExit Enter(bool untilWindow)
    {
        Run->WantsWindow = untilWindow ? (byte)1 : (byte)0;
        if (HostCalls.Control(vcpu, KvmCall.Run, null) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == Interrupted)
                return KvmExit.Signal;
            Problem = error == Fault
                ? "The host has no memory left for the guest."
                : $"KVM cannot run the machine: {Marshal.GetPInvokeErrorMessage(error)}.";
            return KvmExit.Failed;
        }
        switch (Run->Reason)
        {
            case ReasonPort when Run->PortWrites != 0 && Run->PortWidth == sizeof(uint):
                return KvmExit.Port;
            case ReasonWindow:
                return KvmExit.Window;
            case ReasonSignal:
                return KvmExit.Signal;
        }
        Problem = Run->Reason == ReasonShutdown
            ? "The kernel hypervisor crashed in its KVM guest; this is a bug in LilyVM."
            : $"This host's KVM cannot run the kernel hypervisor (exit {Run->Reason}); use another engine.";
        return KvmExit.Failed;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (run is not (0 or -1))
            _ = HostCalls.Unmap(run, runSize);
        foreach (int file in (int[])[vcpu, machine, system])
        {
            if (file >= 0)
                _ = HostCalls.Close(file);
        }
    }

    private static int Check(int result, string refusal) => result >= 0
        ? result
        : throw new LilyVMException($"KVM {refusal}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}; use --engine user.");
}
