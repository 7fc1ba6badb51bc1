using LilyVM.Abi;

namespace LilyVM.Tests.Abi;

public class LibraryEntriesTests
{
    [Fact]
    public void Names_are_unique_and_indices_are_places()
    {
        Assert.Equal(LibraryEntries.All.Count, LibraryEntries.All.Select(e => e.Name).Distinct().Count());
        Assert.All(LibraryEntries.All, (entry, place) => Assert.Equal(place, entry.Index));
    }

    [Fact]
    public void The_table_fits_before_the_library_text()
    {
        Assert.True(LibraryEntries.All[^1].Address + VmArea.EntrySize <= VmArea.Base + 0x1000);
    }

    [Fact]
    public void The_table_of_x86_64_has_places_pointers_and_whole_entries()
    {
        EntryTable table = LilyVM.Abi.X64.LibraryEntries.Table;
        Assert.All(table.All, (entry, place) => Assert.Equal(place, entry.Index));
        Assert.All(table.All, entry => Assert.Same(entry, table.At(entry.Address)));
        Assert.True(table.All.Count <= 512, "the page of pointers is full");
        Assert.Equal(["iret", "sysret", "sysretl"], table.All.Where(e => e.Use == EntryUse.Jump).Select(e => e.Name));
        Assert.True(table.TryGet("wr_cr8", out LibraryEntry entry));
        Assert.Equal((Operation.WriteControl, 8, 8), (entry.Operation, entry.Number, entry.Width));
    }

    [Fact]
    public void An_address_finds_its_entry_and_only_a_slot_start_does()
    {
        Assert.Equal("cli", LibraryEntries.At(VmArea.JumpTable)!.Name);
        Assert.Null(LibraryEntries.At(VmArea.JumpTable + 1));
        Assert.Null(LibraryEntries.At(VmArea.JumpTable - VmArea.EntrySize));
        Assert.Null(LibraryEntries.At(LibraryEntries.All[^1].Address + VmArea.EntrySize));
    }
}
