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
    public void An_address_finds_its_entry_and_only_a_slot_start_does()
    {
        Assert.Equal("cli", LibraryEntries.At(VmArea.JumpTable)!.Name);
        Assert.Null(LibraryEntries.At(VmArea.JumpTable + 1));
        Assert.Null(LibraryEntries.At(VmArea.JumpTable - VmArea.EntrySize));
        Assert.Null(LibraryEntries.At(LibraryEntries.All[^1].Address + VmArea.EntrySize));
    }
}
