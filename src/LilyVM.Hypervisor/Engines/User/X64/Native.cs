using System.Runtime;
using System.Runtime.CompilerServices;

namespace LilyVM.Hypervisor.Engines;

internal static unsafe partial class Native
{
    /// <summary>WRFSBASE and WRGSBASE: only where the host's kernel keeps what they write.</summary>
    [RuntimeImport("*", "lily_write_fs"), MethodImpl(Direct)]
    public static extern void WriteFs(ulong address);

    [RuntimeImport("*", "lily_write_gs"), MethodImpl(Direct)]
    public static extern void WriteGs(ulong address);

    /// <summary>
    /// The program's side begins: it carries out what <see cref="Shared.User.ProgramPage"/> has for it and waits for its turn. It does not
    /// return.
    /// </summary>
    [RuntimeImport("*", "lily_begin_programs"), MethodImpl(Direct)]
    public static extern void BeginPrograms();
}

/// <summary>Indices into the table of addresses in native/entry/user/x64/stub.S.</summary>
internal enum AssemblyAddress : uint
{
    Hypercall,
    Resume,
    ResumeEnd,
    Restorer,
    SignalHandler,
    SignalStack,
    Stack,
    Attention,
    TextEnd,
    KeyedSignalHandler,
    KeyedResume,
    Isolation,
    Data,
    ProgramSignal,
}
