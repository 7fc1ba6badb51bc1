using LilyVM.Hypervisor.Shared.Kernel;

namespace LilyVM.Engines.Kvm;

/// <summary>The processor states that KVM guests start in.</summary>
internal static class KvmStart
{
    // SDM vol. 3, 2.5: PE, MP, ET, NE, WP, AM, PG; DE, PSE, PAE, OSFXSR, OSXMMEXCPT, UMIP, OSXSAVE; LME, LMA, NXE.
    private const ulong Cr0 = 0x8005_0033, Cr4 = 0x638, Cr4Umip = 1 << 11, Cr4OsXsave = 1 << 18, LongModeAndNoExecute = 0xD00,
        ProtectedMode = 0x11;
    private const int Umip = 2; // bit of ECX of leaf 7
    private const byte Code = 0xB, Data = 3, BusyTask = 0xB; // types, accessed

    /// <summary>64-bit ring 0, as the image of the host in the guest wants it.</summary>
    internal static KvmSystemRegisters InHost(KvmSystemRegisters reset, in KvmHeader header, uint featuresOfLeaf7, bool hasXsave)
    {
        KvmSystemRegisters registers = reset;
        KvmSegment none = new() { Unusable = 1 };
        registers.Cs = new KvmSegment
        {
            Selector = (ushort)header.Code,
            Limit = uint.MaxValue,
            Type = Code,
            Present = 1,
            IsCodeOrData = 1,
            Long = 1,
            Granular = 1
        };
        registers.Ss = Flat(Data, (ushort)header.Data);
        registers.Ds = registers.Es = registers.Fs = registers.Gs = registers.Ldt = none;
        registers.Tr = new KvmSegment { Selector = (ushort)header.Task, Limit = 0x67, Type = BusyTask, Present = 1 };
        registers.Gdt.Base = header.Gdt;
        registers.Gdt.Limit = (ushort)(header.GdtSize - 1);
        registers.Idt = default;
        registers.Cr0 = Cr0;
        registers.Cr3 = header.Tables;
        registers.Cr4 = Cr4 | ((featuresOfLeaf7 >> Umip & 1) != 0 ? Cr4Umip : 0) | (hasXsave ? Cr4OsXsave : 0);
        registers.Efer = LongModeAndNoExecute;
        return registers;
    }

    /// <summary>32-bit ring 0 without paging.</summary>
    internal static KvmSystemRegisters In32Bits(KvmSystemRegisters reset)
    {
        KvmSystemRegisters registers = reset;
        registers.Cs = Flat(Code, 8);
        registers.Ss = registers.Ds = registers.Es = registers.Fs = registers.Gs = Flat(Data, 16);
        registers.Cr0 = ProtectedMode;
        return registers;
    }

    private static KvmSegment Flat(byte type, ushort selector) =>
        new() { Selector = selector, Limit = uint.MaxValue, Type = type, Present = 1, Default32 = 1, IsCodeOrData = 1, Granular = 1 };
}
