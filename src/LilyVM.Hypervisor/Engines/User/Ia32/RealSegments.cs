using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// The segment registers of the real CPU. The guest kernel runs with flat segments of this stub's LDT. For guest programs, entries of the
/// guest's GDT and LDT are copied to the host's LDT when a program is entered that uses them (<see cref="LdtPlaces"/>); those that start at
/// 0 end below the guest kernel. "Flat" and "0" are the guest's: in this process all of it lies <see cref="AddressSpace.Shift"/> higher.
/// Safe: selectors are loaded whose descriptors this class has checked or written.
/// </summary>
internal static unsafe class RealSegments
{
    private const ulong WriteEntry = 0x11; // of modify_ldt(2)
    private const uint FsOrGs = 1u << (int)Segments.Fs | 1u << (int)Segments.Gs, Unknown = uint.MaxValue;
    private const uint Code = LdtPlaces.Flat * 8 + 7, Data = Code + 8, HighCode = Code + 16, HighData = Code + 24;

    // What the real registers hold, as far as this stub knows; guest programs may load others by themselves.
    private static uint ds, es, fs, gs;

    // The kernel's data segment; its code segment lies before it.
    private static uint kernelData = Data;

    // struct user_desc of modify_ldt(2).
    private struct UserDescriptor
    {
        public uint Entry, Base, Limit, Flags;
    }

    /// <summary>
    /// Writes the flat segments; forked stubs inherit them. Some paravirtual hosts take entries of the LDT from their guest kernel and
    /// never show them to the CPU, so the CPU is asked.
    /// </summary>
    public static void Initialize()
    {
        SetUpFlat(Code, 0);
        SetUpFlat(HighCode, AddressSpace.Distance);
        SetUp.Require(StubCall.Segments, Native.HasSegment(Code) != 0 && Native.HasSegment(Data) != 0);
    }

    /// <summary>The guest lies elsewhere from now on: all segments have another base.</summary>
    public static void Follow()
    {
        kernelData = AddressSpace.Shift != 0 ? HighData : Data;
        LdtPlaces.Forget();
        UserReturn.Forget();
        ds = es = Unknown;
        This.Vcpu->SegmentsChanged |= FsOrGs;
    }

    /// <summary>
    /// The guest's kernel changes the address space, and goes on in another stub, whose real FS and GS hold what they held when it ran
    /// last: those that the kernel uses are to be loaded there. It uses what is not null and not a program's; the VM library leaves the
    /// others null until they are used.
    /// </summary>
    public static void Leave(Vcpu* cpu)
    {
        ReadFsGs();
        if (fs != 0 && (cpu->Page->Fs & 3) == 0)
            cpu->SegmentsChanged |= 1u << (int)Segments.Fs;
        if (gs != 0 && (cpu->Page->Gs & 3) == 0)
            cpu->SegmentsChanged |= 1u << (int)Segments.Gs;
    }

    /// <summary>The guest's kernel goes on in this stub: what FS and GS held here counts no longer.</summary>
    public static void Arrive()
    {
        ReadFsGs();
        if (fs != 0)
            Native.LoadFs(fs = 0);
        if (gs != 0)
            Native.LoadGs(gs = 0);
    }

    /// <summary>Whether a place in the LDT is in use now.</summary>
    public static bool IsLoaded(uint place)
    {
        uint real = place * 8 + 7;
        return real == ds || real == es || real == fs || real == gs || real == *This.GuestSs || real == This.Target[1];
    }

    /// <summary>At a transition out of a guest program: takes over what it loaded by itself.</summary>
    public static void Capture(Vcpu* cpu)
    {
        ulong four;
        ushort* real = (ushort*)&four;
        Native.ReadSegments(real);
        VcpuPage* page = cpu->Page;
        if (real[0] != ds)
            page->Ds = Guest(ds = real[0]);
        if (real[1] != es)
            page->Es = Guest(es = real[1]);
        if (real[2] != fs)
            page->Fs = Guest(fs = real[2]);
        if (real[3] != gs)
            page->Gs = Guest(gs = real[3]);
    }

    /// <summary>
    /// Loads the real registers for the vCPU's privilege level, and tells assembly CS, SS and flags. FPU and general registers are not
    /// touched.
    /// </summary>
    public static void Install(Vcpu* cpu)
    {
        const uint Kept = Flags.StatusMask | Flags.Direction | Flags.Trap | Flags.Id;
        VcpuPage* page = cpu->Page;
        if (cpu->Cpl != 3)
        {
            uint data = kernelData;
            if (ds != data)
                Native.LoadDs(ds = data);
            if (es != data)
                Native.LoadEs(es = data);
            This.Target[1] = data - (Data - Code);
            *This.GuestSs = data;
            uint changed = cpu->SegmentsChanged;
            if (changed != 0)
            {
                cpu->SegmentsChanged = 0;
                if ((changed & 1u << (int)Segments.Fs) != 0)
                    LoadFs(cpu);
                if ((changed & 1u << (int)Segments.Gs) != 0)
                    LoadGs(cpu);
            }
            *This.GuestFlags = (cpu->Flags & Kept) | (cpu->VirtualFlags & Flags.NestedTask) | Flags.Interrupt | Flags.Fixed;
            return;
        }
        cpu->SegmentsChanged = 0;
        ReadFsGs(); // the VM library may have loaded them
        if (UserReturn.IsPrepared)
        {
            UserReturn.IsPrepared = false;
            This.Target[1] = RealOf(page->Cs);
            uint data = *This.GuestSs = RealOf(page->Ss), own = RealOf(page->Gs);
            if (ds != data)
                Native.LoadDs(ds = data);
            if (es != data)
                Native.LoadEs(es = data);
            if (fs != 0)
                Native.LoadFs(fs = 0);
            if (gs != own)
                Native.LoadGs(gs = own);
        }
        else
        {
            InstallProgram(cpu);
            UserReturn.Remember(cpu);
        }
        *This.GuestFlags = (cpu->Flags & (Kept | Flags.Alignment)) | (cpu->VirtualFlags & Flags.NestedTask) | Flags.Interrupt | Flags.Fixed;
    }

    private static void InstallProgram(Vcpu* cpu)
    {
        VcpuPage* page = cpu->Page;
        This.Target[1] = Real(cpu, page->Cs, out _);
        uint stack = *This.GuestSs = Real(cpu, page->Ss, out bool changed);
        uint real = page->Ds == page->Ss ? stack : Real(cpu, page->Ds, out changed);
        if (ds != real || changed)
            Native.LoadDs(ds = real);
        real = page->Es == page->Ss ? stack : Real(cpu, page->Es, out changed);
        if (es != real || changed)
            Native.LoadEs(es = real);
        LoadFs(cpu);
        LoadGs(cpu);
    }

    // Of a selector of the GDT whose descriptor has been copied.
    private static uint RealOf(uint selector) => (selector & 0xFFFC) == 0 ? selector : selector | 7;

    /// <summary>
    /// After a fault of a guest program: it may have loaded a selector of the guest's by itself, which the CPU looked up in the host's GDT
    /// (0x33 succeeds there, with base 0). True if one was put right, so that the instruction is worth another try.
    /// </summary>
    public static bool Repair(Vcpu* cpu)
    {
        VcpuPage* page = cpu->Page;
        bool repaired = false;
        // Capture came first: ds to gs are what is loaded, and the words what the guest meant.
        if (IsForeign(ds))
            Native.LoadDs(ds = RepairOne(cpu, page->Ds, &repaired));
        if (IsForeign(es))
            Native.LoadEs(es = RepairOne(cpu, page->Es, &repaired));
        if (IsForeign(fs))
            Native.LoadFs(fs = RepairOne(cpu, page->Fs, &repaired));
        if (IsForeign(gs))
            Native.LoadGs(gs = RepairOne(cpu, page->Gs, &repaired));
        return repaired;
    }

    /// <summary>
    /// After a fault of the guest kernel: the VM library leaves FS and GS null until they are used. True if one was loaded now.
    /// </summary>
    public static bool RepairKernel(Vcpu* cpu)
    {
        ReadFsGs();
        uint oldFs = fs, oldGs = gs;
        if (fs == 0 && (cpu->Page->Fs & 0xFFFC) != 0)
            LoadFs(cpu);
        if (gs == 0 && (cpu->Page->Gs & 0xFFFC) != 0)
            LoadGs(cpu);
        return fs != oldFs || gs != oldGs;
    }

    private static uint RepairOne(Vcpu* cpu, uint selector, bool* repaired)
    {
        *repaired = true;
        return Real(cpu, selector, out _);
    }

    /// <summary>Whether a register holds a selector of the host's GDT.</summary>
    private static bool IsForeign(uint real) => (real & 4) == 0 && (real & 0xFFFC) != 0;

    private static void ReadFsGs()
    {
        ulong four;
        Native.ReadSegments((ushort*)&four);
        fs = ((ushort*)&four)[2];
        gs = ((ushort*)&four)[3];
    }

    private static void LoadFs(Vcpu* cpu)
    {
        uint real = Real(cpu, cpu->Page->Fs, out bool changed);
        if (fs != real || changed)
            Native.LoadFs(fs = real);
    }

    private static void LoadGs(Vcpu* cpu)
    {
        uint real = Real(cpu, cpu->Page->Gs, out bool changed);
        if (gs != real || changed)
            Native.LoadGs(gs = real);
    }

    /// <summary>The guest's selector for a real one; one of the host's GDT was loaded by the guest, which meant its own.</summary>
    private static uint Guest(uint real)
    {
        uint selector;
        return (real & 4) != 0 && LdtPlaces.Guest(real >> 3, &selector) ? selector : real;
    }

    /// <summary>The real selector for one of the guest's; 0 if its descriptor does not exist, so that a use of it faults.</summary>
    private static uint Real(Vcpu* cpu, uint selector, out bool changed)
    {
        changed = false;
        uint index = (selector & 0xFFFF) >> 3;
        if ((selector & 0xFFFC) == 0)
            return selector & 3;
        bool local = (selector & 4) != 0;
        uint table = local ? cpu->LdtBase : cpu->Page->GdtBase, limit = local ? cpu->LdtLimit : cpu->Page->GdtLimit;
        ulong descriptor;
        if (index * 8 + 7 > limit || !GuestMemory.Read64(cpu, table + index * 8, AccessFlags.Read, &descriptor))
            return 0;
        uint low = (uint)descriptor, high = (uint)(descriptor >> 32), place = LdtPlaces.Of(local, index);
        descriptor &= ~(0x100ul << 32); // the accessed bit does not matter
        if (*LdtPlaces.Written(place) != descriptor)
        {
            // A system segment or an absent one has no place in the LDT.
            if ((high & 0x9000) != 0x9000 || !Copy(place, low, high))
                return 0;
            *LdtPlaces.Written(place) = descriptor;
            changed = true;
            UserReturn.Forget();
        }
        return place * 8 + 7;
    }

    private static bool Copy(uint index, uint low, uint high)
    {
        uint start = low >> 16 | (high & 0xFF) << 16 | (high & 0xFF00_0000), limit = (low & 0xFFFF) | (high & 0xF_0000);
        bool pages = (high & 1 << 23) != 0, code = (high & 1 << 11) != 0, program = (high >> 13 & 3) == 3;
        bool expandsDown = !code && (high & 1 << 10) != 0;
        if (program && start == 0 && pages && !expandsDown && limit > (Layout.ProgramEnd >> 12) - 1)
            limit = (Layout.ProgramEnd >> 12) - 1;
        // Bit 9 of the descriptor: readable code, writable data; read_exec_only says the opposite.
        uint contents = code ? ((high & 1 << 10) != 0 ? 3u : 2u) : expandsDown ? 1u : 0u, readOnly = (high & 1 << 9) == 0 ? 1u : 0u;
        uint wide = high >> 22 & 1;
        return Write(index, start + AddressSpace.Shift, limit, wide | contents << 1 | readOnly << 3 | (pages ? 1u << 4 : 0) | 1 << 6);
    }

    // Code, and data behind it: 32-bit (bit 0), contents (1-2: 0 data, 2 code), limit in pages (bit 4), usable (bit 6).
    private static void SetUpFlat(uint code, uint start)
    {
        const uint DataFlags = 1 | 1 << 4 | 1 << 6, CodeFlags = DataFlags | 2 << 1;
        UserDescriptor descriptor = Describe(code >> 3, start, 0xFFFFF, CodeFlags);
        SetUp.Call(StubCall.ModifyLdt, WriteEntry, (ulong)&descriptor, (ulong)sizeof(UserDescriptor));
        descriptor = Describe((code >> 3) + 1, start, 0xFFFFF, DataFlags);
        SetUp.Call(StubCall.ModifyLdt, WriteEntry, (ulong)&descriptor, (ulong)sizeof(UserDescriptor));
    }

    private static bool Write(uint index, uint start, uint limit, uint flags)
    {
        UserDescriptor descriptor = Describe(index, start, limit, flags);
        return Host.Call(Host.ModifyLdt, WriteEntry, (ulong)&descriptor, (ulong)sizeof(UserDescriptor)) == 0;
    }

    private static UserDescriptor Describe(uint index, uint start, uint limit, uint flags)
    {
        UserDescriptor descriptor;
        descriptor.Entry = index;
        descriptor.Base = start;
        descriptor.Limit = limit;
        descriptor.Flags = flags;
        This.Count(Counter.LdtWrites);
        return descriptor;
    }
}
