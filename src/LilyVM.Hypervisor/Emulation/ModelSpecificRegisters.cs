namespace LilyVM.Hypervisor.Emulation;

/// <summary>RDMSR and WRMSR, as <see cref="MsrTable"/> says. Safe: works on the engine's own state.</summary>
internal static unsafe class ModelSpecificRegisters
{
    private const uint VendorAmd = 0x6874_7541, VendorHygon = 0x6F67_7948; // CPUID.0:EBX, "Auth" and "Hygo"

    /// <summary>RDMSR of anything but the time-stamp counter, which only engines can read (<see cref="Outcome.TimeStamp"/>).</summary>
    public static bool Read(Vcpu* cpu)
    {
        if (SystemRegisters.TryRead(cpu))
            return true;
        int row = Find(cpu);
        if (row < 0)
            return false;
        MsrWrite write = MsrTable.Write(row);
        if (write == MsrWrite.WriteOnly)
            return Privilege.GeneralProtection(cpu, 0);
        uint low = MsrTable.Low(row), high = MsrTable.High(row);
        if (write == MsrWrite.Kept)
        {
            ulong changed = cpu->KeptMsrs[MsrTable.KeptIndex((uint)cpu->Cx, row)];
            low ^= (uint)changed;
            high ^= (uint)(changed >> 32);
        }
        cpu->Ax = low;
        cpu->Dx = high;
        return true;
    }

    /// <summary>WRMSR.</summary>
    public static bool Write(Vcpu* cpu)
    {
        bool done;
        if (SystemRegisters.TryWrite(cpu, &done))
            return done;
        int row = Find(cpu);
        if (row < 0)
            return false;
        uint low = MsrTable.Low(row) ^ (uint)cpu->Ax, high = MsrTable.High(row) ^ (uint)cpu->Dx;
        switch (MsrTable.Write(row))
        {
            case MsrWrite.Dropped or MsrWrite.WriteOnly:
                return true;
            case MsrWrite.Same when (low | high) == 0:
                return true;
            case MsrWrite.Kept: // as what differs from the first value, so that zeroed memory holds that
                cpu->KeptMsrs[MsrTable.KeptIndex((uint)cpu->Cx, row)] = (ulong)high << 32 | low;
                return true;
            default:
                return Privilege.GeneralProtection(cpu, 0);
        }
    }

    // Negative if there is no such register, with #GP as the fault.
    private static int Find(Vcpu* cpu)
    {
        CpuidEntry* vendor = Identification.Find(cpu, 0, 0);
        bool amd = vendor != null && vendor->Ebx is VendorAmd or VendorHygon;
        int row = MsrTable.Find((uint)cpu->Cx, amd ? MsrVendor.Amd : MsrVendor.Intel);
        if (row < 0)
        {
            UnknownMsrs.Add(&cpu->UnknownMsrs, (uint)cpu->Cx);
            Privilege.GeneralProtection(cpu, 0);
        }
        return row;
    }
}
