using System.Diagnostics;
using System.Text;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Linux;

/// <summary>What a machine takes of the host beside its guest's RAM, counted while Linux waits at its shell.</summary>
public sealed class MachineMemoryTests(X64LinuxFixture linux) : ScratchTest
{
    private const long Megabyte = 1_000_000, Most = 60 * Megabyte, Ram = 512L << 20;
    private const int Padding = 40 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60); // a boot takes less than one

    // The zeros make a RAM disk larger than what is asked for, and Linux passes over them: of what the guest was made of, nothing may stay.
    [Fact]
    public async Task Beside_RAM_it_is_60_MB_at_most()
    {
        string initrd = Scratch["initrd"];
        File.Copy(linux.Files.Initrd, initrd);
        await using (FileStream file = File.OpenWrite(initrd))
            file.SetLength(file.Length + Padding);
        string[] command = Lilyvm.CommandLine(
            "run", "--kernel", linux.Files.Kernel, "--initrd", initrd, "--memory", "512M", "--append", "loglevel=3");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using Process machine = Process.Start(start)!;
        try
        {
            await WaitFor("/ # ", machine.StandardOutput.BaseStream, limit.Token);
            (long process, long stubs, long tables, long behind) = MachineMemory.BesideRam(machine.Id, Ram);
            string found = $"{process} bytes of the VM process, {stubs} of stubs, {tables} of page tables, {behind} behind RAM";
            TestContext.Current.TestOutputHelper!.WriteLine(found);
            Assert.True(process > 0 && stubs > 0 && tables > 0, found);
            Assert.True(process + stubs + tables + behind <= Most, found);
        }
        finally
        {
            machine.Kill();
            await machine.WaitForExitAsync(CancellationToken.None); // which SIGKILL does not leave waiting
        }
    }

    private static async Task WaitFor(string text, Stream output, CancellationToken cancellation)
    {
        var seen = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (!seen.ToString().Contains(text, StringComparison.Ordinal))
        {
            int read = await output.ReadAsync(buffer, cancellation);
            Assert.True(read > 0, $"The guest ended before its shell:\n{seen}");
            seen.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
    }
}
