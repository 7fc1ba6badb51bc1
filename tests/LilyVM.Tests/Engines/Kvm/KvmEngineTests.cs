using System.Runtime.CompilerServices;
using LilyVM.Boot;
using LilyVM.Engines.Kvm;
using LilyVM.Engines.User;
using LilyVM.Hypervisor.Shared.Kernel;

namespace LilyVM.Tests.Engines.Kvm;

/// <summary>The KVM engine as far as it goes without /dev/kvm; with it, the lab's tests go on.</summary>
public sealed class KvmEngineTests
{
    // Bits of CR0, CR4, EFER, CR4.
    private const int Paging = 31, Extensions = 5, LongMode = 8, LongModeActive = 10, Umip = 11, OsXsave = 18;

    /// <summary>What is wrong and what to do about it.</summary>
    [Theory]
    [InlineData(2, "load the module")]
    [InlineData(19, "load the module")]
    [InlineData(13, "join the group kvm")]
    [InlineData(1, "join the group kvm")]
    [InlineData(24, "cannot be opened")]
    public void A_device_that_cannot_be_opened_is_told_with_a_remedy(int error, string remedy) =>
        Problem.AssertNames(remedy, KvmDevice.OpenProblem(error));

    /// <summary>A device that is something else, and an interface of another version.</summary>
    [Fact]
    public void A_wrong_version_is_told_with_the_right_one()
    {
        Assert.Contains("version 13 of its interface, and LilyVM knows 12", KvmDevice.VersionProblem(13), StringComparison.Ordinal);
        Assert.Contains("is not KVM's", KvmDevice.VersionProblem(-1), StringComparison.Ordinal);
    }

    /// <summary>Where there is no KVM, the engine is refused by name; auto never asks.</summary>
    [Fact]
    public void It_is_refused_without_KVM()
    {
        Assert.SkipWhen(File.Exists(KvmDevice.Path), "This host has KVM.");
        var e = Assert.Throws<LilyVMException>(() => EngineSelector.Create(EngineKind.Kvm, GuestArchitecture.Ia32, 1 << 20));
        Assert.Contains("There is no /dev/kvm", e.Message, StringComparison.Ordinal);
        Assert.Equal(e.Message, HostProbe.KvmEngine());
    }

    /// <summary>The doctor's words for a processor's speed and for an emulator's.</summary>
    [Theory]
    [InlineData(0.3, "works here, 0.3 ns")]
    [InlineData(8, "works here, 8.0 ns")]
    [InlineData(600, "would be slow: this host's /dev/kvm emulates")]
    public void Calibration_tells_emulators(double nanoseconds, string words) =>
        Assert.Contains(words, KvmCalibration.Describe(nanoseconds), StringComparison.Ordinal);

    /// <summary>The kernel has the size of what a request carries in its number.</summary>
    [Fact]
    public void Structures_have_the_sizes_of_their_requests()
    {
        static int SizeIn(nuint request) => (int)(request >> 16 & 0x3FFF);
        Assert.Equal(SizeIn(KvmCall.SetMemory), Unsafe.SizeOf<KvmMemory>());
        Assert.Equal(SizeIn(KvmCall.SetRegisters), Unsafe.SizeOf<KvmRegisters>());
        Assert.Equal(SizeIn(KvmCall.SetSystemRegisters), Unsafe.SizeOf<KvmSystemRegisters>());
        Assert.Equal(SizeIn(KvmCall.SetExtendedControl), Unsafe.SizeOf<KvmExtendedControl>());
        Assert.Equal(SizeIn(KvmCall.SetSignalMask) + sizeof(ulong), Unsafe.SizeOf<KvmSignalMask>());
        Assert.Equal(SizeIn(KvmCall.SetCpuid) + KvmCpuid.Capacity * 40, Unsafe.SizeOf<KvmCpuid>());
        Assert.Equal(SizeIn(KvmCall.GetMsrs) + 16, Unsafe.SizeOf<KvmMsr>());
    }

    /// <summary>
    /// The image of the host in the guest fits the world switch, and it starts in 64-bit mode with the features that there are.
    /// </summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void The_host_starts_in_64_bit_mode(bool umip, bool xsave)
    {
        const uint CopiedByWorldSwitch = 0x80; // HOST_GDT_SIZE of native/module/common/tables.c
        byte[] image = Resource.Read("kvm.bin");
        ref KvmHeader header = ref Unsafe.As<byte, KvmHeader>(ref image[0]);
        Assert.InRange(header.Entry, KvmInterface.Virtual, KvmInterface.Virtual + (ulong)image.Length);
        Assert.InRange(header.Tables, KvmInterface.Memory, KvmInterface.Memory + (ulong)image.Length);
        Assert.True(header.GdtSize >= CopiedByWorldSwitch && header.Task + 16 <= CopiedByWorldSwitch);

        KvmSystemRegisters start = KvmStart.InHost(default, header, umip ? 4u : 0, xsave);
        Assert.Equal((1, 0, 0), (start.Cs.Long, start.Cs.Default32, start.Cs.Level));
        Assert.Equal((1ul, 1ul), (start.Cr0 >> Paging & 1, start.Cr4 >> Extensions & 1));
        Assert.Equal((1ul, 1ul), (start.Efer >> LongMode & 1, start.Efer >> LongModeActive & 1));
        Assert.Equal((umip, xsave), ((start.Cr4 >> Umip & 1) != 0, (start.Cr4 >> OsXsave & 1) != 0));
        Assert.Equal(header.Tables, start.Cr3);
        Assert.Equal(0, start.Idt.Limit);
    }
}
