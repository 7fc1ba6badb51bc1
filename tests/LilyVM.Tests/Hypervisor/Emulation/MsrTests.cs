using System.Globalization;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Emulation;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Hypervisor.Emulation;

/// <summary>RDMSR and WRMSR on processors of either vendor, and the page that tells of them.</summary>
public sealed unsafe class MsrTests : MachineTest
{
    private const uint Intel = 0x756E_6547, Amd = 0x6874_7541, Hygon = 0x6F67_7948; // CPUID.0:EBX

    [Theory]
    [InlineData(0x1Bu, Intel, 0xFEE0_0100u, 0u)]
    [InlineData(0x1Bu, Amd, 0xFEE0_0100u, 0u)]
    [InlineData(0x17u, Intel, 0u, 0u)]
    [InlineData(0x8Bu, Intel, 0u, 1u)]
    [InlineData(0x8Bu, Amd, 0x0100_0065u, 0u)]
    [InlineData(0xFEu, Amd, 0u, 0u)]
    [InlineData(0x198u, Intel, 1000u, 0x400u)]
    [InlineData(0x1A0u, Intel, 1u, 0u)]
    [InlineData(0x26Fu, Intel, 0u, 0u)] // the last one of a range
    [InlineData(0x277u, Amd, 0x0007_0406u, 0x0007_0406u)]
    [InlineData(0xC000_0084u, Intel, 0u, 0u)]
    [InlineData(0xC001_001Fu, Amd, 0u, 0u)]
    [InlineData(0xC001_0015u, Hygon, 0u, 0u)]
    [InlineData(0xC001_0114u, Amd, 0u, 0u)]
    public void A_register_holds_what_a_machine_without_the_feature_has(uint number, uint vendor, uint low, uint high)
    {
        Select(number, vendor, eax: 0x5555_5555);
        Assert.Equal(Outcome.Resume, Machine.Call("rdmsr"));
        Assert.Equal((low, high, SimulatedMachine.Code + 5), (Cpu->Ax, Cpu->Dx, Cpu->Ip));
        Assert.Equal(0u, Cpu->UnknownMsrs.Total);
    }

    [Theory]
    [InlineData(0x17u, Amd)]
    [InlineData(0x2Au, Amd)]
    [InlineData(0xC001_001Fu, Intel)]
    [InlineData(0x270u, Intel)] // behind a range
    [InlineData(0x1234_5678u, Intel)]
    public void Others_are_not_there(uint number, uint vendor)
    {
        foreach (string instruction in (string[])["rdmsr", "wrmsr"])
        {
            Select(number, vendor);
            Machine.Call(instruction);
            Machine.AssertFault(13, 0);
        }
        Assert.Equal((2u, 1u, number, 2u),
            (Cpu->UnknownMsrs.Total, Cpu->UnknownMsrs.Distinct, Cpu->UnknownMsrs.Numbers[0], Cpu->UnknownMsrs.Counts[0]));
    }

    [Fact]
    public void Only_the_engine_knows_the_time()
    {
        Select(0x10, Intel, eax: 7);
        Assert.Equal(Outcome.TimeStamp, Machine.Call("rdmsr"));
        Assert.Equal((7u, SimulatedMachine.Code + 5), (Cpu->Ax, Cpu->Ip));
    }

    [Fact]
    public void Some_keep_what_is_written_and_are_not_mixed_up()
    {
        uint[] kept = [0x174, 0x175, 0x176, 0x277];
        for (uint i = 0; i < kept.Length; i++)
        {
            Select(kept[i], Amd, 0x1000 + i, 0x2000 + i);
            Assert.Equal(Outcome.Resume, Machine.Call("wrmsr"));
        }
        for (uint i = 0; i < kept.Length; i++)
        {
            Select(kept[i], Amd);
            Machine.Call("rdmsr");
            Assert.Equal((0x1000 + i, 0x2000 + i), (Cpu->Ax, Cpu->Dx));
        }
    }

    [Theory]
    [InlineData(0xC000_0080u, 1u)] // EFER: another value
    [InlineData(0xFEu, 0u)] // read-only
    [InlineData(0x179u, 0u)]
    public void Some_refuse_a_value(uint number, uint value)
    {
        Select(number, Intel, value);
        Machine.Call("wrmsr");
        Machine.AssertFault(13, 0);
        Assert.Equal(0u, Cpu->UnknownMsrs.Total); // it is known
    }

    [Theory]
    [InlineData(0xC000_0080u, 0u, Intel)] // the value that it has
    [InlineData(0x79u, 0xC000_1234u, Intel)] // write-only
    [InlineData(0x1Bu, 0xFEE0_0900u, Intel)] // dropped
    [InlineData(0xC001_0015u, 0x100u, Amd)]
    public void Some_take_a_value_without_effect(uint number, uint value, uint vendor)
    {
        Select(number, vendor, value);
        Assert.Equal(Outcome.Resume, Machine.Call("wrmsr"));
        Assert.Equal(SimulatedMachine.Code + 5, Cpu->Ip);
    }

    [Fact]
    public void A_write_only_register_is_not_read()
    {
        Select(0x79, Intel);
        Machine.Call("rdmsr");
        Machine.AssertFault(13, 0);
    }

    [Fact]
    public void The_first_unknown_ones_are_told_apart_and_all_are_counted()
    {
        for (uint round = 0; round < 2; round++)
        {
            for (uint i = 0; i < UnknownMsrs.Capacity + 3; i++)
            {
                Select(0x4000 + i, Intel);
                Machine.Call("rdmsr");
            }
        }
        Assert.Equal((2u * (UnknownMsrs.Capacity + 3), (uint)UnknownMsrs.Capacity), (Cpu->UnknownMsrs.Total, Cpu->UnknownMsrs.Distinct));
        Assert.Equal((0x4000u + UnknownMsrs.Capacity - 1, 2u),
            (Cpu->UnknownMsrs.Numbers[UnknownMsrs.Capacity - 1], Cpu->UnknownMsrs.Counts[UnknownMsrs.Capacity - 1]));
    }

    [Fact]
    public void Rows_ascend_and_there_is_room_for_what_is_kept()
    {
        uint kept = 0;
        for (int row = 0; row < MsrTable.Count; row++)
        {
            Assert.True(MsrTable.First(row) <= MsrTable.Last(row));
            bool again = row > 0 && MsrTable.First(row) == MsrTable.First(row - 1);
            Assert.True(row == 0 || MsrTable.First(row) > MsrTable.Last(row - 1)
                || (again && MsrTable.Vendor(row) != MsrTable.Vendor(row - 1)));
            if (MsrTable.Write(row) == MsrWrite.Kept)
                kept += MsrTable.Last(row) - MsrTable.First(row) + 1;
        }
        Assert.Equal((uint)MsrTable.KeptCount, kept);
    }

    [Fact]
    public void The_page_shows_the_table()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "msr.md"));
        IEnumerable<string> rows = page.Split('\n').Where(line => line.StartsWith("| 0x", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(0, MsrTable.Count).Select(Row), rows);
    }

    private static string Row(int row)
    {
        uint first = MsrTable.First(row), last = MsrTable.Last(row);
        string numbers = first == last ? Hex(first) : $"{Hex(first)} to {Hex(last)}";
        string name = string.Concat(((Msr)first).ToString()
            .Select((c, i) => i > 0 && char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));
        string value = first == (uint)Msr.TimeStampCounter ? "the time"
            : MsrTable.Write(row) == MsrWrite.WriteOnly ? "#GP"
            : MsrTable.High(row) == 0 ? Hex(MsrTable.Low(row))
            : $"{Hex(MsrTable.High(row))}:{Hex(MsrTable.Low(row))}";
        string write = MsrTable.Write(row) switch
        {
            MsrWrite.Refused => "#GP",
            MsrWrite.Same => "#GP unless it is that",
            MsrWrite.Kept => "kept",
            _ => "dropped",
        };
        return $"| {numbers} | {name} | {MsrTable.Vendor(row)} | {value} | {write} |";
    }

    private static string Hex(uint value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);

    private void Select(uint number, uint vendor, uint eax = 0, uint edx = 0)
    {
        Cpu->Cpuid.Count = 1;
        CpuidEntry* leaf = CpuidTable.At(&Cpu->Cpuid, 0);
        (leaf->Leaf, leaf->Subleaf, leaf->Ebx) = (0, CpuidEntry.AnySubleaf, vendor);
        (Cpu->Cx, Cpu->Ax, Cpu->Dx, Cpu->Sp) = (number, eax, edx, SimulatedMachine.StackTop);
    }
}
