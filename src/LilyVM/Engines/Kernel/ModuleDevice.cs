using System.Runtime.InteropServices;
using LilyVM.Boot;
using LilyVM.Engines.User;
using LilyVM.Hypervisor.Shared.Kernel;

namespace LilyVM.Engines.Kernel;

/// <summary>
/// One open file of /dev/lilyvm: a machine in the kernel module (<see cref="ModuleInterface"/>). Safe as far as guest RAM stays mapped
/// while the machine is run; what is mapped here stays until <see cref="Dispose"/>.
/// </summary>
internal sealed unsafe class ModuleDevice : IHypervisorHost
{
    /// <summary>The device.</summary>
    internal const string Path = "/dev/lilyvm";

    private const int NotPermitted = 1, NoEntry = 2, Interrupted = 4, NoMemory = 12, AccessDenied = 13; // errno
    private const uint PageSize = 4096;
    private readonly int file;
    private nint record, area;

    private ModuleDevice(int file) => this.file = file;

    /// <inheritdoc/>
    public string EngineName => "kernel";

    /// <inheritdoc/>
    public RunRecord* Record => (RunRecord*)record;

    /// <inheritdoc/>
    public byte* Area => (byte*)area;

    /// <summary>Why the kernel engine cannot be used, in a sentence; null if it can.</summary>
    internal static string? Problem()
    {
        try
        {
            using ModuleDevice device = Open();
            return null;
        }
        catch (LilyVMException e)
        {
            return e.Message;
        }
    }

    /// <summary>Opens it and checks the version.</summary>
    internal static ModuleDevice Open()
    {
        int file = HostCalls.Open(Path, HostCalls.ReadWriteCloseOnExec), error = Marshal.GetLastPInvokeError();
        if (file < 0)
            throw new LilyVMException(OpenProblem(error, HostModules.AreTaken));
        var device = new ModuleDevice(file);
        int version = HostCalls.Control(file, ModuleInterface.Version, null);
        if (version == ImageHeader.CurrentVersion)
            return device;
        device.Dispose();
        throw new LilyVMException(VersionProblem(version));
    }

    /// <summary>What is said of an error of open.</summary>
    internal static string OpenProblem(int error, bool hostTakesModules = true) => error switch
    {
        NoEntry when !hostTakesModules =>
            $"There is no {Path}, and this host's kernel takes no modules: use another engine (`lilyvm doctor` tells which).",
        NoEntry => $"There is no {Path}: build and load the kernel module lilyvm (docs/module.md), or use --engine user.",
        AccessDenied or NotPermitted => $"You may not use {Path}: join the group lilyvm, or use --engine user.",
        _ => $"{Path} cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}; reload the kernel module lilyvm, or use --engine user.",
    };

    /// <summary>What is said of a module of another version.</summary>
    internal static string VersionProblem(int version) =>
        (version < 0 ? $"{Path} is not LilyVM's"
            : $"The kernel module lilyvm that is loaded has version {version}, and this program needs {ImageHeader.CurrentVersion}")
        + ": load the module that belongs to this program, or use --engine user.";

    /// <inheritdoc/>
    public void Create(byte* ram, uint ramBytes, uint maxPoolPages)
    {
        CreateArgument argument = new() { RamAddress = (ulong)ram, RamSize = ramBytes, MaxPoolPages = maxPoolPages };
        if (HostCalls.Control(file, ModuleInterface.Create, &argument) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new LilyVMException(error == NoMemory
                ? "The kernel module gets no memory for the machine's page tables: raise RLIMIT_MEMLOCK (ulimit -l), or use --engine user."
                : $"The kernel module refuses to make the machine: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
        record = Map(KernelLayout.RunRecordPages, 0);
        area = Map(KernelLayout.VmAreaPages, ModuleInterface.VmAreaOffset);
    }

    /// <inheritdoc/>
    public ulong ReadTsc() => HostInstructions.Rdtsc();

    /// <inheritdoc/>
    public bool Run(out string? problem)
    {
        problem = null;
        if (HostCalls.Control(file, ModuleInterface.Run, null) == 0)
            return true;
        int error = Marshal.GetLastPInvokeError();
        if (error == Interrupted)
            return false;
        problem = $"The kernel module cannot run the machine: {Marshal.GetPInvokeErrorMessage(error)}.";
        return true;
    }

    /// <inheritdoc/>
    public void Kick() => _ = HostCalls.Control(file, ModuleInterface.Kick, null);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (record != 0)
            _ = HostCalls.Unmap(record, KernelLayout.RunRecordPages * PageSize);
        if (area != 0)
            _ = HostCalls.Unmap(area, KernelLayout.VmAreaPages * PageSize);
        record = area = 0;
        _ = HostCalls.Close(file);
    }

    private nint Map(uint pages, uint offset)
    {
        nint address = HostCalls.Map(0, pages * PageSize, HostCalls.ReadWrite, HostCalls.Shared, file, offset);
        if (address == -1)
            throw new LilyVMException(
                $"The kernel module's memory cannot be mapped: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        return address;
    }
}
