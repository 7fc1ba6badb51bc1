using System.Text;

namespace LilyVM.Boot;

/// <summary>
/// Refuses a RAM disk whose first program the kernel cannot run: it would panic, and say "error -8". A 32-bit kernel runs no 64-bit
/// programs, and an x86-64 kernel no 32-bit ones, for its guests have 64-bit segments only.
/// </summary>
internal static class RamDiskInit
{
    private const int MostScripts = 4; // as Linux, fs/exec.c

    /// <summary>Checks it; one without a program that can be found passes.</summary>
    internal static void Require(ReadOnlyMemory<byte> ramdisk, GuestArchitecture architecture, string name)
    {
        var files = new CpioIndex(ramdisk);
        string path = "/init";
        for (int scripts = 0; scripts <= MostScripts && files.Find(path) is { } program; scripts++)
        {
            if (program.Span.StartsWith("#!"u8))
            {
                path = Interpreter(program.Span);
                continue;
            }
            if (Bits(program.Span) is { } bits && bits != architecture.Bits)
            {
                throw new LilyVMException(
                    $"The RAM disk {name} begins with a {bits}-bit program ({path}), which an {architecture.Name} kernel cannot run; use " +
                    $"one with {architecture.Bits}-bit programs.");
            }
            return;
        }
    }

    private static int? Bits(ReadOnlySpan<byte> program) => program.StartsWith("\x7f"u8 + "ELF"u8) && program.Length > 4
        ? program[4] switch { 1 => 32, 2 => 64, _ => null }
        : null;

    private static string Interpreter(ReadOnlySpan<byte> script)
    {
        int end = script.IndexOf((byte)'\n');
        string line = Encoding.UTF8.GetString(script[2..(end < 0 ? script.Length : end)]).Trim();
        return line.Split(' ', '\t')[0];
    }
}
