using System.Runtime.InteropServices;

namespace LilyVM.Boot;

/// <summary>
/// Two instructions of the host that .NET has no intrinsics for, as machine code in a page of its own. Safe because the code is the
/// constant below, is never written after it became executable, touches no memory, and changes only registers that a called function may
/// change.
/// </summary>
internal static unsafe partial class HostInstructions
{
    private const int ReadWrite = 3, ReadExecute = 5, PrivateAnonymous = 0x22;
    private const int PageSize = 0x1000, XgetbvOffset = 0x10;

    private static readonly byte* Code = MakeCode();

    /// <summary>The time stamp counter.</summary>
    internal static ulong Rdtsc() => ((delegate* unmanaged[SuppressGCTransition]<ulong>)Code)();

    /// <summary>Extended control register 0: the state components that the host's kernel enabled. Only if CPUID shows OSXSAVE.</summary>
    internal static ulong Xcr0() => ((delegate* unmanaged[SuppressGCTransition]<ulong>)(Code + XgetbvOffset))();

    // rdtsc; shl $32,%rdx; or %rdx,%rax; ret -- and the same behind xor %ecx,%ecx; xgetbv.
    private static ReadOnlySpan<byte> Rdtsc64 => [0x0F, 0x31, 0x48, 0xC1, 0xE2, 0x20, 0x48, 0x09, 0xD0, 0xC3];

    private static ReadOnlySpan<byte> Xgetbv64 => [0x31, 0xC9, 0x0F, 0x01, 0xD0, 0x48, 0xC1, 0xE2, 0x20, 0x48, 0x09, 0xD0, 0xC3];

    private static byte* MakeCode()
    {
        nint page = Map(0, PageSize, ReadWrite, PrivateAnonymous, -1, 0);
        if (page != -1)
        {
            Rdtsc64.CopyTo(new Span<byte>((byte*)page, XgetbvOffset));
            Xgetbv64.CopyTo(new Span<byte>((byte*)page + XgetbvOffset, XgetbvOffset));
        }
        if (page == -1 || Protect(page, PageSize, ReadExecute) != 0)
            throw new LilyVMException("The host refuses memory for code; a security module forbids it, which must be lifted for LilyVM.");
        return (byte*)page;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nint length, int protection);
}
