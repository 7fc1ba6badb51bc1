using Iced.Intel;
using LilyVM.Abi;
using LilyVM.Native;
using LilyVM.Tests.Boot;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;
using static Iced.Intel.AssemblerRegisters;
using CodeAssembler = Iced.Intel.Assembler;

namespace LilyVM.Tests.Native;

/// <summary>Boots a guest of a few instructions that prints what its boot parameters point to.</summary>
public class QemuMachineTests
{
    private const uint Entry = 0x10_0000, Serial = 0x3F8;
    private const int CommandLinePointer = 0x228, RamdiskImage = 0x218;

    [Fact]
    public async Task A_guest_gets_its_command_line_and_RAM_disk_and_ends_by_a_triple_fault()
    {
        string directory = Directory.CreateTempSubdirectory("lilyvm, test-").FullName; // the comma: QEMU's options are separated by them
        try
        {
            string kernel = Path.Combine(directory, "kernel"), initrd = Path.Combine(directory, "initrd"),
                disk = Path.Combine(directory, "disk");
            string[] disks = [disk, disk + "2", disk + "3", disk + "4"];
            await File.WriteAllBytesAsync(kernel, Guest().Build(), TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(initrd, "ram disk\0", TestContext.Current.CancellationToken);
            foreach (string path in disks)
                await File.WriteAllBytesAsync(path, new byte[512], TestContext.Current.CancellationToken);
            var boot = new QemuBoot
            {
                Kernel = kernel,
                AllowUnconverted = true,
                Initrd = initrd,
                CommandLine = "hello=1",
                Drives = [new QemuDrive(disks[0]), .. disks[1..].Select(d => new QemuDrive(d, KeepWrites: false))],
                Limit = TimeSpan.FromMinutes(2),
            };
            QemuResult result = await QemuMachine.RunAsync(boot, TestContext.Current.CancellationToken);
            Assert.Equal(
                "virtio_mmio.device=512@0xfeb00000:5 virtio_mmio.device=512@0xfeb00200:6 virtio_mmio.device=512@0xfeb00400:7 " +
                "virtio_mmio.device=512@0xfeb00800:9 hello=1\nram disk\n", // 8 is the clock's interrupt
                result.Transcript);
            Assert.False(result.TimedOut);

            var twice = boot with { Drives = [new QemuDrive(disk), new QemuDrive(disk)] }; // QEMU locks images
            var error = await Assert.ThrowsAsync<LilyVMException>(() => QemuMachine.RunAsync(twice, TestContext.Current.CancellationToken));
            Assert.StartsWith("qemu-system-i386 cannot run this machine: ", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_converted_guest_gets_the_library_and_its_inline_forms_undone()
    {
        string kernel = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(kernel, ConvertedGuest(), TestContext.Current.CancellationToken);
            QemuResult result = await QemuMachine.RunAsync(new QemuBoot { Kernel = kernel, Limit = TimeSpan.FromMinutes(2) },
                TestContext.Current.CancellationToken);
            Assert.Equal("I", result.Transcript);
        }
        finally
        {
            File.Delete(kernel);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_64_bit_guest_starts_in_long_mode_with_its_parameters(bool converted)
    {
        // Prints its command line and RAM disk by RSI, then, with interrupts off, 6 for the code selector that is promised and 1 for the
        // root of the page tables.
        const string Text = """
            .globl _start
            .section .note.GNU-stack,"",@progbits
            .text
            _start: mov 0x228(%rsi), %ebx
            1:  mov (%rbx), %al
                inc %rbx
                test %al, %al
                jz 2f
                call put
                jmp 1b
            2:  mov 0x218(%rsi), %ebx
                mov (%rbx), %al
                call put
                pushfq
                pop %rcx
                test $0x200, %ecx
                jnz 3f
                mov %cs, %eax
                add $0x26, %al
                call put
                mov %ss, %ecx
                cmp $0x18, %ecx
                jne 3f
                mov %cr3, %rax
                shr $17, %rax
                add $0x30, %al
                call put
            3:  lidt none(%rip)
                int3
            put: mov $0x3f8, %dx
                out %al, %dx
                ret
            none: .skip 10

            """;
        using var folder = new ScratchFolder();
        string kernel = folder["kernel"], initrd = folder.Write("initrd", "R");
        // The library's relative calls reach it from wherever a kernel of the low 2 GiB is.
        await File.WriteAllBytesAsync(kernel, ToolElf.Link64At(0x10_1000, converted ? Gas.ConvertWhole(Text, bits: 64) : Text),
            TestContext.Current.CancellationToken);
        var boot = new QemuBoot
        {
            Kernel = kernel,
            AllowUnconverted = !converted,
            Initrd = initrd,
            CommandLine = "wide=1 ",
            Limit = TimeSpan.FromMinutes(2)
        };
        QemuResult result = await QemuMachine.RunAsync(boot, TestContext.Current.CancellationToken);
        Assert.Equal("wide=1 R61", result.Transcript);
        Assert.False(result.TimedOut);
    }

    [Fact]
    public async Task A_64_bit_guest_has_a_machine_of_its_own()
    {
        using var folder = new ScratchFolder();
        string kernel = folder["kernel"], initrd = folder["initrd"];
        await File.WriteAllBytesAsync(kernel, ToolElf.Link64At(0x10_1000, ".globl _start\n_start: ret\n"),
            TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(initrd,
            LilyVM.Cli.Guests.CpioArchive.Make(a => a.AddFile("init", "\x7f"u8 + "ELF\x1"u8, executable: true)),
            TestContext.Current.CancellationToken);
        var boot = new QemuBoot { Kernel = kernel, AllowUnconverted = true };
        string Refusal(QemuBoot changed) => Assert.Throws<LilyVMException>(() => QemuCommand.Prepare(changed, folder[""])).Message;

        QemuLine line = QemuCommand.Prepare(boot, folder[""]);
        Assert.Equal("qemu-system-x86_64", line.Program);
        string processor = line.Arguments[line.Arguments.ToList().IndexOf("-cpu") + 1];
        Assert.All((string[])["-smap", "-smep", "-umip", "-la57", "-pku", "-pcid", "-invpcid", "-xsaves", "-monitor", "-fsgsbase", "-mtrr",
            "-x2apic"], f => Assert.Contains(f, processor.Split(',')));
        Assert.All((string[])["-nx", "-lm", "-syscall", "-pdpe1gb", "-pae", "-xsave"], f => Assert.DoesNotContain(f, processor.Split(',')));
        Assert.Equal("2097152 MiB of memory are more than the machine of QEMU has; give the guest at most 1048576M.",
            Refusal(boot with { MemoryBytes = 2L << 40 }));
        Assert.StartsWith($"The RAM disk {initrd} begins with a 32-bit program (/init), which an x86-64 kernel cannot run",
            Refusal(boot with { Initrd = initrd }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guest_that_hangs_is_ended()
    {
        string kernel = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(kernel, new ElfBuilder { Entry = Entry }.Code(".text", Entry, 0xEB, 0xFE).Build(),
                TestContext.Current.CancellationToken);
            var boot = new QemuBoot { Kernel = kernel, AllowUnconverted = true, Limit = TimeSpan.FromSeconds(1) };
            QemuResult result = await QemuMachine.RunAsync(boot, TestContext.Current.CancellationToken);
            Assert.True(result.TimedOut);
        }
        finally
        {
            File.Delete(kernel);
        }
    }

    [Fact]
    public async Task What_cannot_boot_is_named()
    {
        string kernel = Path.GetTempFileName();
        try
        {
            async Task<string> Refusal(ElfBuilder guest, QemuBoot boot)
            {
                await File.WriteAllBytesAsync(kernel, guest.Build(), TestContext.Current.CancellationToken);
                return (await Assert.ThrowsAsync<LilyVMException>(() => QemuMachine.RunAsync(boot,
                    TestContext.Current.CancellationToken))).Message;
            }

            var unconverted = new QemuBoot { Kernel = kernel, AllowUnconverted = true };
            Assert.Contains("was not converted", await Refusal(Guest(), unconverted with { AllowUnconverted = false }),
                StringComparison.Ordinal);
            Assert.Contains("Cannot read the RAM disk /none", await Refusal(Guest(), unconverted with { Initrd = "/none" }),
                StringComparison.Ordinal);
            Assert.Contains("Cannot read the disk image /none", await Refusal(Guest(), unconverted with { Drives = [new("/none")] }),
                StringComparison.Ordinal);
            QemuDrive[] nine = [.. Enumerable.Repeat(new QemuDrive(kernel), 9)];
            Assert.Contains("9 drives were given", await Refusal(Guest(), unconverted with { Drives = nine }), StringComparison.Ordinal);
            var tooHigh = new ElfBuilder().Code(".text", VmArea.UnpagedAlias - 1, 0x90, 0x90);
            Assert.Contains("wants physical memory at 0x3f7fffff", await Refusal(tooHigh, unconverted), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(kernel);
        }
    }

    /// <summary>Prints the command line and the RAM disk, each as a line, then triple faults.</summary>
    private static ElfBuilder Guest()
    {
        var a = new CodeAssembler(32);
        WriteGuest(a);
        return new ElfBuilder { Entry = Entry }.Code(".text", Entry, Bytes(a, Entry));
    }

    /// <summary>
    /// Prints I if an inline <c>sti</c> sets the real interrupt flag, through the library, whose unpaged alias its calls reach; then triple
    /// faults. The interrupt controller is masked.
    /// </summary>
    private static byte[] ConvertedGuest()
    {
        const uint Virtual = Entry + VmArea.LinkOffset;
        var before = new CodeAssembler(32);
        before.mov(al, 0xFF);
        before.@out(0x21, al);
        byte[] start = Bytes(before, Virtual);

        // movb $2, %ss:flag+1; cmpb $0, %ss:pending; je over; call deliver
        uint site = Virtual + (uint)start.Length, deliver = LibraryEntries.All.Single(e => e.Name == "deliver").Address;
        byte[] form =
        [
            0x36, 0xC6, 0x05, .. BitConverter.GetBytes(VmArea.Vcpu + 1), 0x02, 0x36, 0x80, 0x3D,
            .. BitConverter.GetBytes(VmArea.Vcpu + 4), 0x00,
            0x74, 0x05, 0xE8, .. BitConverter.GetBytes(deliver - (site + 23)),
        ];

        var after = new CodeAssembler(32);
        after.pushfd();
        after.pop(ebx);
        after.shr(ebx, 9);
        after.and(ebx, 1);
        after.lea(eax, __[ebx + ('I' - 1)]);
        after.mov(edx, Serial);
        after.call(LibraryEntries.All.Single(e => e.Name == "outb_dx").Address);
        after.push(0);
        after.push(0);
        after.lidt(__[esp]);
        after.ud2();
        byte[] end = Bytes(after, site + (uint)form.Length);
        return new ElfBuilder { Entry = Entry }.Code(".text", Virtual, [.. start, .. form, .. end])
            .Conversion(VmArea.AbiVersion, 2, new InlineSite(site, (byte)form.Length, 1, 0xFB, 0)).Build();
    }

    private static byte[] Bytes(CodeAssembler assembler, uint address)
    {
        using var code = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(code), address);
        return code.ToArray();
    }

    private static void WriteGuest(CodeAssembler a)
    {
        Label print = a.CreateLabel(), next = a.CreateLabel(), end = a.CreateLabel();
        a.mov(ebx, __dword_ptr[esi + CommandLinePointer]);
        a.call(print);
        a.mov(ebx, __dword_ptr[esi + RamdiskImage]);
        a.call(print);
        a.push(0);
        a.push(0);
        a.lidt(__[esp]); // an empty IDT, so the next fault cannot be delivered
        a.ud2();
        a.Label(ref print);
        a.mov(edx, Serial);
        a.Label(ref next);
        a.mov(al, __byte_ptr[ebx]);
        a.inc(ebx);
        a.test(al, al);
        a.jz(end);
        a.@out(dx, al);
        a.jmp(next);
        a.Label(ref end);
        a.mov(al, (int)'\n');
        a.@out(dx, al);
        a.ret();
    }
}
