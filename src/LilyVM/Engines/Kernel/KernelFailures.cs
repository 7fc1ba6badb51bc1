using System.Globalization;
using System.Runtime.InteropServices;
using LilyVM.Engines.User;
using LilyVM.Hypervisor.Shared.Kernel;

namespace LilyVM.Engines.Kernel;

/// <summary>Why a machine could not go on, in words.</summary>
internal static unsafe class KernelFailures
{
    /// <summary>For an exit that has no answer.</summary>
    internal static string Describe(RunRecord* record) => record->ExitReason == KernelExit.Shutdown
        ? Failures.DescribeShutdown(&record->Exit)
        : DescribeFailure(record->Failure, record->FailureDetail, record->FailureAddress, record->FailureIp);

    private static string DescribeFailure(KernelFailure failure, uint detail, ulong address, ulong ip) => failure switch
    {
        KernelFailure.NoGuestPage =>
            $"The host has no memory left for page {detail} of guest RAM ({Marshal.GetPInvokeErrorMessage((int)address)}).",
        KernelFailure.NoPoolPage => "The host has no memory left for the machine's page tables.",
        _ => $"The kernel hypervisor met exception {detail} at {Hex(ip)} on address {Hex(address)}; this is a bug in LilyVM.",
    };

    private static string Hex(ulong value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);
}
