using System.Runtime.InteropServices;
using Iced.Intel;
using LilyVM.Abi;

namespace LilyVM.Tests.Guests;

/// <summary>The images of the VM library that are built into LilyVM.dll implement the ABI of LilyVM.Abi.</summary>
public class LibraryImageTests
{
    public static TheoryData<string, LibraryImage> Images => new()
    {
        { "native", LibraryImage.Native },
        { "user", LibraryImage.User },
        { "kernel", LibraryImage.Kernel },
    };

    [Theory]
    [MemberData(nameof(Images))]
    public void The_header_names_image_version_and_table(string name, LibraryImage image)
    {
        LibraryHeader header = MemoryMarshal.Read<LibraryHeader>(Load(name));
        Assert.Equal(LibraryHeader.ExpectedMagic, header.Magic);
        Assert.Equal(VmArea.AbiVersion, header.AbiVersion);
        Assert.Equal(image, header.Image);
        Assert.Equal((uint)LibraryEntries.All.Count, header.EntryCount);
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void Every_slot_jumps_to_the_text_behind_the_table(string name, LibraryImage image)
    {
        byte[] bytes = Load(name);
        LibraryHeader header = MemoryMarshal.Read<LibraryHeader>(bytes);
        uint tableEnd = LibraryEntries.All[^1].Address + VmArea.EntrySize;
        var targets = new Dictionary<ulong, string>();
        foreach (LibraryEntry entry in LibraryEntries.All)
        {
            Instruction slot = Decode(bytes, entry.Address);
            Assert.True(slot is { Code: Code.Jmp_rel32_32, Length: 5 }, $"{image}: {entry.Symbol} is {slot}");
            Assert.InRange(slot.NearBranchTarget, tableEnd, header.TextEnd - 1);
            Assert.True(targets.TryAdd(slot.NearBranchTarget, entry.Name),
                $"{image}: {entry.Name} and {targets[slot.NearBranchTarget]} are one routine");
        }
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void The_recovery_table_is_sorted_and_inside_and_names_instructions_of_the_text(string name, LibraryImage image)
    {
        byte[] bytes = Load(name);
        LibraryHeader header = MemoryMarshal.Read<LibraryHeader>(bytes);
        uint size = (uint)Marshal.SizeOf<RecoveryEntry>();
        Assert.True(header.TextEnd <= header.RecoveryTable);
        Assert.True(header.RecoveryTable + header.RecoveryCount * size <= VmArea.Base + Math.Min(VmArea.LibrarySize, (uint)bytes.Length));
        ReadOnlySpan<RecoveryEntry> table = MemoryMarshal.Cast<byte, RecoveryEntry>(
            bytes.AsSpan((int)(header.RecoveryTable - VmArea.Base), (int)(header.RecoveryCount * size)));
        Assert.Equal(image != LibraryImage.User, table.Length > 0); // that engine executes itself what may fault
        uint last = LibraryEntries.All[^1].Address;
        foreach (RecoveryEntry entry in table)
        {
            Assert.True(entry.Address > last && entry.Address < header.TextEnd, $"0x{entry.Address:x8}");
            Assert.True(Enum.IsDefined(entry.Kind));
            Assert.False(Decode(bytes, entry.Address).IsInvalid);
            last = entry.Address;
        }
    }

    [Fact]
    public void The_native_image_holds_the_vCPU_page_and_maps_itself()
    {
        byte[] bytes = Load("native");
        const int PageTable = (int)VmArea.MappedSize, Page = 0x1000;
        Assert.Equal(PageTable + Page, bytes.Length);
        VcpuPage vcpu = MemoryMarshal.Read<VcpuPage>(bytes.AsSpan((int)(VmArea.Vcpu - VmArea.Base)));
        Assert.Equal((VmArea.AbiVersion, (uint)LibraryImage.Native), (vcpu.AbiVersion, vcpu.Image));
        ReadOnlySpan<uint> table = MemoryMarshal.Cast<byte, uint>(bytes.AsSpan(PageTable));
        for (int page = 0; page < table.Length; page++)
            // Present, writable, supervisor.
            Assert.Equal(page < PageTable / Page ? VmArea.UnpagedAlias + (uint)page * Page + 3 : 0, table[page]);
    }

    private static Instruction Decode(byte[] image, uint address) =>
        Iced.Intel.Decoder.Create(32, image[(int)(address - VmArea.Base)..], address).Decode();

    private static byte[] Load(string name)
    {
        using Stream stream = typeof(LilyVMException).Assembly.GetManifestResourceStream($"vmlib.{name}.bin")!;
        byte[] image = new byte[stream.Length];
        stream.ReadExactly(image);
        return image;
    }
}
