using LilyVM.Abi;

namespace LilyVM.Hypervisor.Engines.Kernel;

/// <summary>
/// The hidden part of a segment register (SDM vol. 3, 3.4.3): what its selector named when it was loaded, which is in force until the next
/// load, whatever LGDT puts in the selector's place meanwhile. But the hypervisor must load the real registers anew at any moment. So where
/// the guest's tables say something else after LGDT, the old descriptor moves to an entry of the hypervisor's own for that register, and
/// the CPU has that entry's selector until the guest loads the register. What reads the register meanwhile is a hypercall, so that it finds
/// the guest's own selector. The same helps where the guest's entry is one of the hypervisor's.
/// </summary>
internal static unsafe class HiddenParts
{
    private const uint Level = 1, Segment = 0x9000; // of the second word: present, and not a system segment
    // INT, then the entry's number, as in native/vmlib/ia32/deprivileged/hypercall.h.
    private const uint HypercallOpcode = KernelLayout.HypercallVector << 8 | 0xCD;
    private const uint Readable = 1u << (int)Segments.Es | 1u << (int)Segments.Ds | 1u << (int)Segments.Fs | 1u << (int)Segments.Gs;

    // A bit for each register that is shown so, and for each whose reads are hypercalls for it.
    private static uint shown, patched;

    /// <summary>Not zero if any register is shown so.</summary>
    public static uint Shown => shown;

    // What CS and SS were when they were kept; the core loads them without a word.
    private static uint code, stack;

    /// <summary>Another GDT is about to be copied: keeps what registers were loaded with, if it has something else there.</summary>
    public static void Keep(Vcpu* cpu)
    {
        for (uint number = Segments.Es; number <= Segments.Gs; number++)
        {
            uint selector = *Segments.Word(cpu, number) & 0xFFFF, bit = 1u << (int)number;
            if ((selector & 4) != 0 || (selector & 0xFFFC) == 0 || (cpu->Cpl == 3 && number is Segments.Cs or Segments.Ss))
                continue;
            ulong held = (shown & bit) != 0
                ? GuestTables.Copied(Selector(number)) : GuestTables.IsOwn(selector) ? 0
                : GuestTables.Copied(selector);
            if (((uint)(held >> 32) & Segment) != Segment)
                held = number == Segments.Cs ? GuestTables.FlatCode : GuestTables.FlatData; // from the start, when there was no table
            if (held == GuestTables.Now(cpu, selector) && !GuestTables.IsOwn(selector))
                shown &= ~bit;
            else
                Show(number, held);
        }
        code = cpu->Page->Cs & 0xFFFC;
        stack = cpu->Page->Ss & 0xFFFC;
        This.Machine->FastCode = This.Machine->FastStack = This.Machine->FastGate = 0;
        cpu->SegmentsChanged |= Segments.Again;
    }

    /// <summary>Registers were loaded, a bit for each: they are what their selectors say.</summary>
    public static void Release(uint registers) => shown &= ~registers;

    /// <summary>
    /// The guest stopped: puts its own selectors in the place of those that it was shown, unless it loaded others by itself.
    /// </summary>
    public static void Capture(Vcpu* cpu, KernelMachine* machine, ushort* dataExtraFsGs)
    {
        CaptureOne(cpu, Segments.Ds, dataExtraFsGs);
        CaptureOne(cpu, Segments.Es, dataExtraFsGs + 1);
        CaptureOne(cpu, Segments.Fs, dataExtraFsGs + 2);
        CaptureOne(cpu, Segments.Gs, dataExtraFsGs + 3);
        CaptureOne(cpu, Segments.Cs, (ushort*)&machine->RealCs);
        CaptureOne(cpu, Segments.Ss, (ushort*)&machine->RealSs);
        Patch();
    }

    /// <summary>Whether one of these selectors, in the data registers now, cannot be what the CPU has.</summary>
    public static bool AreNeeded(uint ds, uint es, uint fs, uint gs) =>
        (shown | patched) != 0 || GuestTables.IsOwn(ds) || GuestTables.IsOwn(es) || GuestTables.IsOwn(fs) || GuestTables.IsOwn(gs);

    /// <summary>Replaces these selectors by what the CPU is to have.</summary>
    public static void Choose(Vcpu* cpu, uint* ds, uint* es, uint* fs, uint* gs)
    {
        *ds = OfLoad(cpu, Segments.Ds, *ds);
        *es = OfLoad(cpu, Segments.Es, *es);
        *fs = OfLoad(cpu, Segments.Fs, *fs);
        *gs = OfLoad(cpu, Segments.Gs, *gs);
        Patch();
    }

    /// <summary>The real selector for CS or SS of the guest's kernel; <paramref name="usual"/> if there is nothing to hide.</summary>
    public static uint OfTransfer(Vcpu* cpu, uint number, uint selector, uint usual)
    {
        if (selector != (number == Segments.Cs ? code : stack))
            Release(1u << (int)number);
        uint other = OfLoad(cpu, number, selector);
        return other == selector ? usual : other;
    }

    private static uint OfLoad(Vcpu* cpu, uint number, uint selector)
    {
        if ((shown & 1u << (int)number) == 0)
        {
            if (!GuestTables.IsOwn(selector))
                return selector;
            Show(number, GuestTables.Now(cpu, selector));
        }
        return Selector(number);
    }

    private static void CaptureOne(Vcpu* cpu, uint number, ushort* real)
    {
        if (((*real ^ Selector(number)) & 0xFFFC) == 0)
            *real = (ushort)(number is Segments.Cs or Segments.Ss
                ? (*Segments.Word(cpu, number) & ~3u) | (uint)(*real & 3)
                : *Segments.Word(cpu, number));
        else
            Release(1u << (int)number);
    }

    // Makes reads of the registers that are shown so hypercalls, and those of others the library's own again.
    private static void Patch()
    {
        uint wanted = shown & Readable;
        if (wanted == patched)
            return;
        byte* table = (byte*)(KernelLayout.VmArea + (VmArea.JumpTable - VmArea.Base));
        uint* saved = This.Machine->LibraryCode;
        for (uint number = 0; number < EntryTable.Count; number++)
        {
            uint word = EntryTable.Word(number), register = EntryTable.NumberOf(word), bit = 1u << (int)register;
            if (EntryTable.OpOf(word) is not (Op.ReadSegment or Op.PushSegment) || (bit & Readable) == 0)
                continue;
            uint* slot = (uint*)(table + number * VmArea.EntrySize);
            if ((wanted & ~patched & bit) != 0)
            {
                *saved = *slot;
                *slot = HypercallOpcode | number << 16;
            }
            else if ((patched & ~wanted & bit) != 0)
            {
                *slot = *saved;
            }
            saved++;
        }
        patched = wanted;
    }

    // The real selector of a register that is shown so.
    private static uint Selector(uint number) => (KernelLayout.Hidden + number * 8) | Level;

    private static void Show(uint number, ulong descriptor)
    {
        GuestTables.SetOwn(KernelLayout.Hidden + number * 8, descriptor);
        shown |= 1u << (int)number;
    }
}
