namespace LilyVM.Hypervisor.Emulation;

/// <summary>Instructions that invalidate cached translations. Safe: nothing is read through the addresses but by the page walk.</summary>
internal static unsafe class Translations
{
    private const uint LastInvpcidType = 3, DescriptorSize = 16, InvpcidFeature = 1 << 10;

    /// <summary>INVLPG.</summary>
    public static Outcome InvalidatePage(Vcpu* cpu, Request* request)
    {
        cpu->FlushedAddress = request->Address;
        GuestMemory.FlushPage(cpu, request->Address);
        cpu->Ip = request->NextIp;
        return Outcome.FlushPage;
    }

    /// <summary>INVPCID, whatever its type, forgets everything; #UD unless CPUID offers it.</summary>
    public static Outcome InvalidateProcess(Vcpu* cpu, Request* request)
    {
        CpuidEntry* features = Identification.Find(cpu, 7, 0);
        if (features == null || (features->Ebx & InvpcidFeature) == 0)
            return Executor.Finish(cpu, request, Privilege.InvalidOpcode(cpu));
        if (request->Value > LastInvpcidType)
            return Executor.Finish(cpu, request, Privilege.GeneralProtection(cpu, 0));
        if (!GuestMemory.Probe(cpu, request->Address, DescriptorSize, Privilege.Access(cpu, AccessFlags.Read)))
            return Events.RaiseFault(cpu);
        GuestMemory.Flush(cpu);
        cpu->Ip = request->NextIp;
        return Outcome.FlushAll;
    }
}
