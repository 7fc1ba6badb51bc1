using LilyVM.Boot;
using LilyVM.Engines;

namespace LilyVM;

/// <summary>The life of the vCPU.</summary>
public sealed partial class VirtualMachine
{
    private (MachineEnd End, int Status)? end; // set on the vCPU thread by devices that end the machine

    /// <summary>Runs the guest, does what it asks for, until something ends the machine.</summary>
    private (MachineEnd End, int Status, string? Why, TripleFault? Fault) RunLoop()
    {
        Exit exit = default;
        while (true)
        {
            engine.Run(ref exit);
            switch (exit.Reason)
            {
                case ExitReason.PortRead:
                    exit.Value = devices.Ports.Read((uint)exit.Address, exit.Width);
                    break;
                case ExitReason.PortWrite:
                    devices.Ports.Write((uint)exit.Address, exit.Width, (uint)exit.Value);
                    break;
                case ExitReason.MemoryRead:
                    exit.Value = ReadMemory(exit);
                    break;
                case ExitReason.MemoryWrite:
                    WriteMemory(exit);
                    break;
                case ExitReason.Stopped:
                    WaitWhilePaused();
                    break;
                case ExitReason.Reset:
                    return (Judge(MachineEnd.TripleFault), 0, null, exit.TripleFault);
                case ExitReason.Halted:
                    return (Judge(MachineEnd.PowerOff), 0, null, null);
                case ExitReason.Failure:
                    return (MachineEnd.Failure, 0, exit.Message, null);
            }
            if (end is { } asked)
                return (asked.End, asked.Status, null, null);
            if (stopRequested)
                return (MachineEnd.Stopped, 0, null, null);
        }
    }

    // Devices have registers of 32 bits at most, and all of them lie below 4 GiB.
    private ulong ReadMemory(in Exit exit)
    {
        const int Most = 4, Bits = 32;
        if (exit.Address + (ulong)exit.Width > 1ul << Bits)
            return ulong.MaxValue;
        uint address = (uint)exit.Address;
        return exit.Width <= Most
            ? devices.Memory.Read(address, exit.Width)
            : devices.Memory.Read(address, Most) | (ulong)devices.Memory.Read(address + Most, Most) << Bits;
    }

    private void WriteMemory(in Exit exit)
    {
        const int Most = 4, Bits = 32;
        if (exit.Address + (ulong)exit.Width > 1ul << Bits)
            return;
        uint address = (uint)exit.Address;
        devices.Memory.Write(address, Math.Min(exit.Width, Most), (uint)exit.Value);
        if (exit.Width > Most)
            devices.Memory.Write(address + Most, Most, (uint)(exit.Value >> Bits));
    }

    private void WaitWhilePaused()
    {
        lock (gate)
        {
            while (isPaused && !stopRequested)
            {
                isParked = true;
                Monitor.PulseAll(gate);
                Monitor.Wait(gate);
            }
            isParked = false;
        }
    }

    private void MarkEnded()
    {
        lock (gate)
        {
            hasEnded = true;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>For devices: ends the machine after the access that the guest is making.</summary>
    private void EndWith(MachineEnd how, int status) => end = (how == MachineEnd.Restart ? Judge(how) : how, status);

    // What a guest does is what it means, but for Linux, which tells in its own way that it panicked.
    private MachineEnd Judge(MachineEnd seen) => isLinux ? ResetFlag.Judge(engine.Ram, seen) : seen;

    private MachineResult RunToEnd()
    {
        try
        {
            WaitWhilePaused();
            (MachineEnd how, int status, string? why, TripleFault? fault) = stopRequested ? (MachineEnd.Stopped, 0, null, null) : RunLoop();
            devices.Flush();
            hasRun = true;
            if (startFailure is { } failure)
                throw new LilyVMException(failure);
            options.Console.Input.Close(); // whoever types and waits need not any more
            options.SecondConsole?.Input.Close();
            foreach (MachineConsole port in options.Ports)
                port.Input.Close();
            return MachineResult.Of(how, status, why, fault, engine.ReadCounters()) with { DeviceFaults = devices.Faults };
        }
        finally
        {
            MarkEnded();
        }
    }
}
