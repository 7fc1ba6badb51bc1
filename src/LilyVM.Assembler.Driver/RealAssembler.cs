using System.Runtime.InteropServices;

namespace LilyVM.Assembler.Driver;

/// <summary>Finds and runs the assembler behind this one.</summary>
internal static unsafe partial class RealAssembler
{
    /// <summary>
    /// Environment variable that names the assembler to run; otherwise the first <c>as</c> in PATH that is not this program.
    /// </summary>
    public const string Variable = "LILYVM_AS";

    /// <summary>Path of the assembler, or null.</summary>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return named;
        string? self = Resolve(Environment.ProcessPath);
        foreach (string directory in (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin").Split(':'))
        {
            string candidate = Path.Combine(directory, "as");
            if (File.Exists(candidate) && Resolve(candidate) != self)
                return candidate;
        }
        return null;
    }

    /// <summary>Becomes the assembler: its exit status is then ours. Returns only on failure.</summary>
    public static void Execute(string path, IReadOnlyList<string> arguments)
    {
        byte** argv = Vector(path, arguments);
        Execv(path, argv);
    }

    /// <summary>Runs the assembler and waits. Returns its exit status.</summary>
    public static int Run(string path, IReadOnlyList<string> arguments)
    {
        int status;
        if (PosixSpawn(out int child, path, 0, 0, Vector(path, arguments), Environ()) != 0 || WaitPid(child, &status, 0) != child)
            return 1;
        return (status & 0x7f) == 0 ? status >> 8 & 0xff : 1;
    }

    /// <summary>Puts text into an anonymous file that the assembler can open after exec, and returns its path.</summary>
    /// <exception cref="IOException">The kernel refuses, or memory is short.</exception>
    public static string AnonymousFile(ReadOnlySpan<byte> content)
    {
        // No MFD_CLOEXEC: the assembler opens it through /proc after exec.
        int fd = MemfdCreate("lily-as", 0);
        if (fd < 0)
            throw new IOException("cannot create an anonymous file for the converted text");
        fixed (byte* bytes = content)
        {
            // Safe: the span stays pinned for the loop and written never passes its length.
            for (nint written = 0; written < content.Length;)
            {
                nint n = Write(fd, bytes + written, content.Length - written);
                if (n <= 0)
                    throw new IOException("cannot write the converted text");
                written += n;
            }
        }
        return $"/proc/self/fd/{fd}";
    }

    /// <summary>
    /// Appends to a file in one write with O_APPEND, so that parallel assemblers do not mix their lines (FileMode.Append only seeks).
    /// </summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Append(string path, ReadOnlySpan<byte> line)
    {
        const int WriteOnly = 1, Create = 0x40, AppendOnly = 0x400;
        int fd = Open(path, WriteOnly | Create | AppendOnly, 0x1B6); // 0666 less the umask
        // Safe: the span stays pinned for the one call that reads it.
        fixed (byte* bytes = line)
        {
            if (fd < 0 || Write(fd, bytes, line.Length) != line.Length)
                throw new IOException($"cannot write statistics to {path}");
        }
    }

    private static string? Resolve(string? path) =>
        path is null ? null : (new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path));

    // Never freed: exec or exit takes it away.
    private static byte** Vector(string path, IReadOnlyList<string> arguments)
    {
        byte** vector = (byte**)NativeMemory.Alloc((nuint)(arguments.Count + 2), (nuint)sizeof(byte*));
        vector[0] = (byte*)Marshal.StringToCoTaskMemUTF8(path);
        for (int i = 0; i < arguments.Count; i++)
            vector[i + 1] = (byte*)Marshal.StringToCoTaskMemUTF8(arguments[i]);
        vector[arguments.Count + 1] = null;
        return vector;
    }

    private static byte** Environ() => *(byte***)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "environ");

    [LibraryImport("libc", EntryPoint = "execv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execv(string path, byte** arguments);

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int PosixSpawn(out int child, string path, nint actions, nint attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitPid(int child, int* status, int options);

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int fd, byte* bytes, nint count);
}
