using System.Diagnostics;

namespace LilyVM.Cli.Lab;

/// <summary>QEMU's monitor (QMP, docs/interop/qmp-spec.txt in its source) on its standard streams: sends non-maskable interrupts.</summary>
internal static class LabMonitor
{
    private const string Capabilities = """{"execute":"qmp_capabilities"}""", Nmi = """{"execute":"inject-nmi"}""";

    /// <summary>From the start of the command on, that many a second.</summary>
    internal static void Start(Process qemu, LabStatus status, int nmiRate)
    {
        qemu.OutputDataReceived += (_, _) => { }; // answers must be taken, or QEMU waits
        qemu.BeginOutputReadLine();
        if (nmiRate == 0)
            return;
        new Thread(() =>
        {
            try
            {
                SendNmis(qemu, status, nmiRate);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException)
            {
                // It ended meanwhile.
            }
        })
        { IsBackground = true }.Start();
    }

    private static void SendNmis(Process qemu, LabStatus status, int rate)
    {
        qemu.StandardInput.WriteLine(Capabilities);
        status.Started.Wait(); // earlier the kernel has no handler
        var clock = Stopwatch.StartNew();
        for (long sent = 0; status.ExitStatus is null; Thread.Sleep(1))
        {
            for (; sent < clock.Elapsed.TotalSeconds * rate; sent++)
                qemu.StandardInput.WriteLine(Nmi);
            qemu.StandardInput.Flush();
        }
    }
}
