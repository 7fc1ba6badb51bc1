using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Keeps programs from reading and writing what is their kernel's and the stub's, by protection keys (<see cref="ProtectionKeys"/>). The
/// stub and the guest's kernel run with all keys open; the library and lily_resume close the kernel's on the way to a program. A signal
/// handler begins with Linux's first PKRU, whose only key is 0, and Linux before 6.12 writes the frame with the interrupted code's: so
/// the stack of signals has key 0, too.
/// </summary>
internal static unsafe class KeptKernel
{
    // What lily_isolation says of them (native/entry/user/x64/stub.S).
    private const uint Keys = 1;

    /// <summary>Whether that is done.</summary>
    public static bool IsOn
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => This.Machine->UsesKeys != 0;
    }

    /// <summary>In the template: gives everything that is the stub's the kernel's key. From here on this code runs with it open.</summary>
    public static void Begin(ulong ramBytes)
    {
        const ulong Library = Layout.MachineFile + VmArea.LibrarySize, Pointers = VmArea.Pointers, BehindPointers = Pointers + 0x1000;
        const ulong BehindCrossing = Layout.Crossing + 0x1000, End = Layout.MachineFile + Layout.MachineFileSize;
        SetUp.Require(StubCall.PkeyAlloc, SetUp.Try(StubCall.PkeyAlloc) == ProtectionKeys.Kernel);
        *(uint*)Native.Address(AssemblyAddress.Isolation) = Keys;
        Close(Layout.MachineFile, Library, Host.ReadExecute);
        Close(Library, Pointers, Host.ReadWrite);
        // Patched system calls jump through a word of it.
        SetUp.Require(StubCall.Mprotect, Host.Call(Host.Mprotect, Pointers, BehindPointers - Pointers, Host.ReadOnly) == 0);
        Close(BehindPointers, Layout.Crossing, Host.ReadWrite);
        Close(BehindCrossing, End, Host.ReadWrite);
        Close(Native.Address(AssemblyAddress.Data), Native.Address(AssemblyAddress.SignalStack), Host.ReadWrite);
        Close(Layout.Ram, Layout.Ram + ramBytes, Host.ReadWrite);
        Close(Layout.Places, Layout.Places + Places.Bytes, Host.ReadWrite);
    }

    /// <summary>
    /// The mark of a page that the guest's tables keep from programs (<see cref="PlacedPage.Kernel"/>); nothing where nothing can be done.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mark(bool isPrograms) => !isPrograms && (IsOn || Programs.AreApart) ? PlacedPage.Kernel : 0;

    /// <summary>A page fault's error code says that PKRU was the reason.</summary>
    public static bool Stopped(ulong error) => (error & ProtectionKeys.ErrorCode) != 0;

    private static void Close(ulong start, ulong end, int protection)
    {
        This.Count(Counter.KeyedMprotects);
        nint result = Host.Call(Host.PkeyMprotect, start, (end - start + 0xFFF) & ~0xFFFul, (ulong)protection, ProtectionKeys.Kernel);
        SetUp.Require(StubCall.PkeyMprotect, result == 0);
    }
}
