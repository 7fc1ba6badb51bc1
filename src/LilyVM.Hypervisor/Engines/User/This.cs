using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// What this stub knows: the shared machine, and the parts of its state that live in its own memory. Safe: the machine's memory is mapped
/// as long as a stub lives.
/// </summary>
internal static unsafe partial class This
{
    /// <summary>
    /// The slot of this stub; <see cref="NoIndex"/> in the template, and in a stub that has not returned from its fork yet.
    /// </summary>
    public static uint Index = NoIndex;

    /// <summary>No slot.</summary>
    public const uint NoIndex = uint.MaxValue;

    /// <summary>FPU state of the guest while it lies in a signal frame, and not in the registers; null otherwise.</summary>
    public static void* FrameFpu;

    /// <summary>Its components (the frame's xfeatures).</summary>
    public static ulong FrameFpuComponents;

    /// <summary>The shared machine; Layout.Machine stays mapped as long as the stub lives.</summary>
    public static Machine* Machine
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Machine*)Layout.Machine;
    }

    /// <summary>The virtual CPU.</summary>
    public static Vcpu* Vcpu
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Vcpu*)Layout.Vcpu;
    }

    /// <summary>The slot of stub <paramref name="index"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StubSlot* Slot(uint index) => (StubSlot*)Machine->StubSlots + index;

    /// <summary>Counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Count(Counter counter) => Machine->Counters[(int)counter]++;

    /// <summary>Adds to a count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Count(Counter counter, ulong by) => Machine->Counters[(int)counter] += by;

    /// <summary>Whether something is to be done before the guest goes on; signal handlers set it.</summary>
    public static uint* Attention
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => attention;
    }

    private static uint* attention;

    /// <summary>Finds the variables of assembly; once, before anything else.</summary>
    public static void Initialize() => attention = (uint*)Native.Address(AssemblyAddress.Attention);
}
