using System.Runtime.InteropServices;
using LilyVM.Engines.User;

namespace LilyVM.Engines.Kvm;

/// <summary>/dev/kvm.</summary>
internal static unsafe class KvmDevice
{
    /// <summary>The device.</summary>
    internal const string Path = "/dev/kvm";

    /// <summary>The version that all of them have since 2007.</summary>
    internal const int ApiVersion = 12;

    private const int NotPermitted = 1, NoEntry = 2, NoSuchDevice = 19, NoDevice = 6, AccessDenied = 13; // errno

    /// <summary>Opens it; the descriptor is the caller's.</summary>
    internal static int Open()
    {
        int file = HostCalls.Open(Path, HostCalls.ReadWriteCloseOnExec), error = Marshal.GetLastPInvokeError();
        if (file < 0)
            throw new LilyVMException(OpenProblem(error));
        int version = HostCalls.Control(file, KvmCall.GetApiVersion, null);
        if (version == ApiVersion)
            return file;
        _ = HostCalls.Close(file);
        throw new LilyVMException(VersionProblem(version));
    }

    /// <summary>What is said of an error of open.</summary>
    internal static string OpenProblem(int error) => error switch
    {
        NoEntry or NoSuchDevice or NoDevice =>
            $"There is no {Path}: load the module kvm-intel or kvm-amd on a host that has virtualization, or use --engine user.",
        AccessDenied or NotPermitted => $"You may not use {Path}: join the group kvm, or use --engine user.",
        _ => $"{Path} cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}; use --engine user.",
    };

    /// <summary>What is said of a device that is not what it should be.</summary>
    internal static string VersionProblem(int version) => version < 0
        ? $"{Path} is not KVM's; use --engine user."
        : $"{Path} has version {version} of its interface, and LilyVM knows {ApiVersion}: use a newer kernel, or --engine user.";
}
