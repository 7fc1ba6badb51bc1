using Iced.Intel;
using LilyVM.Abi;
using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Emulation;
using static LilyVM.Tests.Hypervisor.SimulatedMachine;

namespace LilyVM.Tests.Hypervisor.Emulation;

/// <summary>Each family of entries of the jump table, on simulated memory.</summary>
public sealed unsafe class HypercallTests : MachineTest
{
    private const uint Return = SimulatedMachine.Code + 5;

    private static readonly Register[] General =
        [Register.EAX, Register.ECX, Register.EDX, Register.EBX, Register.ESP, Register.EBP, Register.ESI, Register.EDI];

    [Fact]
    public void The_flag_entries_change_the_virtual_interrupt_flag()
    {
        Done(Machine.Call("sti"));
        Assert.Equal(0x200u, Cpu->Page->InterruptFlag);
        Done(Machine.Call("cli"));
        Assert.Equal(0u, Cpu->Page->InterruptFlag);
        Done(Machine.Call("deliver"));
    }

    [Fact]
    public void Pushf_and_popf_use_the_stack_without_the_return_address()
    {
        Cpu->Page->InterruptFlag = 0x200;
        Cpu->Flags = 0x41 | 2;
        Machine.Call("pushf");
        Assert.Equal((StackTop - 4, 0x243u), (Cpu->Sp, Machine.Word(StackTop - 4)));
        Machine.Write(StackTop - 4, 0x82);
        Machine.Call("popf");
        Assert.Equal((StackTop, 0u, 0x80u), (Cpu->Sp, Cpu->Page->InterruptFlag & 0x200, Cpu->Flags & 0xC1));
    }

    [Fact]
    public void Halting_entries_end_behind_the_call()
    {
        Assert.Equal(Outcome.Halt, Machine.Call("hlt"));
        Assert.Equal((Return, 0u), (Cpu->Ip, Cpu->Page->InterruptFlag));
        Assert.Equal(Outcome.Halt, Machine.Call("sti_hlt"));
        Assert.Equal((Return, 0x200u), (Cpu->Ip, Cpu->Page->InterruptFlag));
        Assert.Equal(Outcome.Halt, Machine.Call("sti_mwait"));
    }

    [Fact]
    public void Int_pushes_the_address_behind_its_operand()
    {
        Assert.Equal(Outcome.Resume, Machine.Call("int", Nop(0x80)));
        uint length = (uint)Assemble(Return, Nop(0x80)).Length;
        Assert.Equal((Handler(0x80), StackTop - 12, Return + length), (Cpu->Ip, Cpu->Sp, Machine.Word(StackTop - 12)));
    }

    [Theory]
    [InlineData("sysenter")]
    [InlineData("sysexit")]
    [InlineData("syscall")]
    [InlineData("sysret")]
    [InlineData("sti_sysexit")]
    [InlineData("monitor")]
    [InlineData("mwait")]
    [InlineData("xsetbv")]
    public void What_is_not_offered_is_an_invalid_opcode_at_the_call(string entry)
    {
        Machine.Call(entry);
        Machine.AssertFault(6, null);
        Assert.Equal(0u, Cpu->Page->InterruptFlag);
    }

    [Fact]
    public void Control_registers_go_to_and_from_every_register()
    {
        foreach (string name in LibraryEntries.Registers)
        {
            uint* register = &Cpu->Ax + Array.FindIndex(General, g => g.ToString().Equals(name, StringComparison.OrdinalIgnoreCase));
            *register = 0x1234_5678;
            Done(Machine.Call("wr_cr2_" + name));
            Assert.Equal(0x1234_5678u, Cpu->Page->Cr2);
            Cpu->Page->Cr2 = 0x8765_4321;
            Done(Machine.Call("rd_cr2_" + name));
            Assert.Equal(0x8765_4321u, *register);
        }
        Done(Machine.Call("wr_cr2", Nop(0xCAFE)));
        Assert.Equal(0xCAFEu, Cpu->Page->Cr2);
    }

    [Fact]
    public void A_register_operand_may_be_esp()
    {
        Cpu->Page->Cr2 = 0x6000;
        Machine.Call("rd_cr2", Nop(new MemoryOperand(Register.ESP)));
        Assert.Equal((0x6000u, Return), (Cpu->Sp, Cpu->Ip));
        Machine.Call("wr_cr2", Nop(new MemoryOperand(Register.ESP)));
        Assert.Equal(0x6000u, Cpu->Page->Cr2); // as before the call
    }

    [Fact]
    public void Cr3_keeps_the_bits_that_it_has()
    {
        Cpu->Cr3 = 0x5000;
        Cpu->Ax = 0x9FFF;
        Assert.Equal(Outcome.AddressSpace, Machine.Call("wr_cr3_eax"));
        Assert.Equal((0x9018u, 0x9018u, Return), (Cpu->Cr3, Cpu->Page->Cr3, Cpu->Ip));
    }

    [Theory]
    [InlineData(0x8000_0011u, (uint)Outcome.PagingMode, 0x8000_0011u)]
    [InlineData(0x8000_0001u, (uint)Outcome.PagingMode, 0x8000_0011u)]
    [InlineData(0x0001_0033u, (uint)Outcome.Resume, 0x0001_0033u)]
    [InlineData(0x0000_0019u, (uint)Outcome.Resume, 0x0000_0019u)]
    public void Cr0_is_kept_with_its_fixed_bits(uint value, uint outcome, uint kept)
    {
        Cpu->Ax = value;
        Assert.Equal((Outcome)outcome, Machine.Call("wr_cr0_eax"));
        Assert.Equal((kept, kept), (Cpu->Cr0, Cpu->Page->Cr0));
    }

    [Theory]
    [InlineData("wr_cr0_eax", 0x2000_0011u)]
    [InlineData("wr_cr0_eax", 0x8000_0010u)]
    [InlineData("wr_cr4_eax", 0x0000_0020u)]
    [InlineData("wr_cr4_eax", 0x0000_0001u)]
    public void Impossible_control_bits_are_general_protection_faults_that_change_nothing(string entry, uint value)
    {
        Cpu->Ax = value;
        Machine.Call(entry);
        Machine.AssertFault(13, 0);
        Assert.Equal((0x11u, 0u), (Cpu->Cr0, Cpu->Cr4));
    }

    [Fact]
    public void Leaving_protected_mode_ends_the_guest()
    {
        Cpu->Ax = 0x10;
        Assert.Equal(Outcome.Shutdown, Machine.Call("wr_cr0_eax"));
        Assert.Equal(ShutdownReason.Unsupported, Cpu->Shutdown);
    }

    [Theory]
    [InlineData(0x10u, (uint)Outcome.PagingMode)]
    [InlineData(0x80u, (uint)Outcome.FlushAll)]
    [InlineData(0x4_0600u, (uint)Outcome.Resume)]
    public void Cr4_tells_what_it_means_for_translations(uint value, uint outcome)
    {
        Cpu->Ax = value;
        Assert.Equal((Outcome)outcome, Machine.Call("wr_cr4_eax"));
        Assert.Equal((value, value), (Cpu->Cr4, Cpu->Page->Cr4));
    }

    [Fact]
    public void The_status_word_entries_work_on_cr0()
    {
        Done(Machine.Call("lmsw_v", Nop(0x8)));
        Assert.Equal(0x19u, Cpu->Cr0); // PE stays, TS is set
        Done(Machine.Call("smsw_r", Nop(Register.EBX)));
        Assert.Equal(0x19u, Cpu->Bx);
        Done(Machine.Call("clts"));
        Assert.Equal((0x11u, 0x11u), (Cpu->Cr0, Cpu->Page->Cr0));
    }

    [Fact]
    public void Debug_registers_keep_their_fixed_bits()
    {
        Done(Machine.Call("wr_dr7", Nop(0u)));
        Done(Machine.Call("rd_dr7", Nop(Register.ESI)));
        Done(Machine.Call("rd_dr6", Nop(Register.EDI)));
        Assert.Equal((0x400u, 0xFFFF_0FF0u), (Cpu->Si, Cpu->Di));
        Done(Machine.Call("wr_dr3", Nop(0x77)));
        Assert.Equal(0x77u, Cpu->Dr[3]);
    }

    [Fact]
    public void Descriptor_tables_are_loaded_and_stored()
    {
        Machine.Write(Data, 0x1234_00FF, 0x0000_0056);
        Cpu->Cx = Data - 8;
        Done(Machine.Call("lidt", Nop(new MemoryOperand(Register.ECX, 8))));
        Assert.Equal((0x56_1234u, 0xFFu), (Cpu->Page->IdtBase, Cpu->Page->IdtLimit));
        Done(Machine.Call("sidt", Nop(new MemoryOperand(Register.ECX, Register.None, 1, 0x20, 1))));
        Assert.Equal((0x1234_00FFu, 0x56u), (Machine.Word(Data + 0x18), Machine.Word(Data + 0x1C)));
        Done(Machine.Call("sgdt", Nop(new MemoryOperand(Register.ESP, -16))));
        Assert.Equal(Gdt << 16 | 0x47, Machine.Word(StackTop - 16));
    }

    [Fact]
    public void Invlpg_names_the_page()
    {
        Cpu->Di = 0xC123_4000;
        Assert.Equal(Outcome.FlushPage, Machine.Call("invlpg", Nop(new MemoryOperand(Register.EDI, 0x10))));
        Assert.Equal((0xC123_4010u, Return), (Cpu->FlushedAddress, Cpu->Ip));
        Machine.Call("invpcid", Nop(new MemoryOperand(Register.EDI)), Nop(2));
        Machine.AssertFault(6, null);
    }

    [Fact]
    public void Plain_operands_are_told_from_others()
    {
        uint target, address;
        Cpu->Di = 0xC123_4000;
        Machine.Call("invlpg", Nop(new MemoryOperand(Register.EDI)));
        Cpu->Sp -= 4;
        Assert.True(OperandNops.TryPlain(Cpu, &target, &address));
        Assert.Equal((Return + 3, 0xC123_4000u, StackTop - 4), (target, address, Cpu->Sp));
        Cpu->Sp += 4;
        Machine.Call("invlpg", Nop(new MemoryOperand(Register.EDI, 0x10)));
        Cpu->Sp -= 4;
        Assert.False(OperandNops.TryPlain(Cpu, &target, &address));
    }

    [Theory]
    [InlineData(KernelCode, 0x00CF_9B00u, 0xFFFF_FFFFu, true, false)]
    [InlineData(KernelData, 0x00CF_9300u, 0xFFFF_FFFFu, true, true)]
    [InlineData(ReadOnlyData, 0x00CF_9100u, 0xFFFF_FFFFu, true, false)]
    [InlineData(ExecuteOnly, 0x00CF_9900u, 0xFFFF_FFFFu, false, false)]
    [InlineData(TaskState, 0x0000_8900u, 0x67u, false, false)]
    public void Selector_checks_tell_what_the_descriptor_allows(uint selector, uint rights, uint limit, bool readable, bool writable)
    {
        Done(Machine.Call("lar_v", Nop(selector), Nop(Register.EBX)));
        Assert.Equal((rights & 0x00F0_FF00, 0x40u), (Cpu->Bx, Cpu->Flags & 0x40));
        Done(Machine.Call("lsl_v", Nop(selector), Nop(Register.ECX)));
        Assert.Equal((limit, 0x40u), (Cpu->Cx, Cpu->Flags & 0x40));
        Done(Machine.Call("verr_v", Nop(selector)));
        Assert.Equal(readable, (Cpu->Flags & 0x40) != 0);
        Machine.Write(Data, selector);
        Done(Machine.Call("verw_m", Nop(Data)));
        Assert.Equal(writable, (Cpu->Flags & 0x40) != 0);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(3u)]
    [InlineData(0x48u)]
    [InlineData(0x14u)]
    [InlineData(KernelData | 3)]
    public void Bad_selectors_clear_zf_and_leave_the_register(uint selector)
    {
        foreach (string entry in (string[])["lar_v", "lsl_v"])
        {
            (Cpu->Flags, Cpu->Bx) = (0x42, 0x77);
            Done(Machine.Call(entry, Nop(selector), Nop(Register.EBX)));
            Assert.Equal((2u, 0x77u), (Cpu->Flags, Cpu->Bx));
        }
    }

    [Fact]
    public void Arpl_raises_the_requested_privilege_level()
    {
        (Cpu->Ax, Cpu->Bx) = (0x3, 0xABCD_0011);
        Done(Machine.Call("arpl_r", Nop(Register.EAX), Nop(Register.EBX)));
        Assert.Equal((0xABCD_0013u, 0x40u), (Cpu->Bx, Cpu->Flags & 0x40));
        Machine.Write(Data, 0xFFFF_0013);
        Done(Machine.Call("arpl_m", Nop(Register.EAX), Nop(Data)));
        Assert.Equal((0xFFFF_0013u, 0u), (Machine.Word(Data), Cpu->Flags & 0x40));
    }

    [Fact]
    public void Segment_registers_are_read_with_the_width_of_the_entry()
    {
        Cpu->Page->Gs = 0x33;
        Cpu->Si = 0xFFFF_FFFF;
        Done(Machine.Call("rd_gs_r16", Nop(Register.ESI)));
        Assert.Equal(0xFFFF_0033u, Cpu->Si);
        Done(Machine.Call("rd_gs_esi"));
        Assert.Equal(0x33u, Cpu->Si);
        Machine.Write(Data, 0xFFFF_FFFF);
        Done(Machine.Call("rd_gs_m", Nop(Data)));
        Assert.Equal(0xFFFF_0033u, Machine.Word(Data));
        Machine.Call("push_gs");
        Assert.Equal((StackTop - 4, 0x33u), (Cpu->Sp, Machine.Word(StackTop - 4)));
    }

    [Fact]
    public void Segment_registers_are_loaded()
    {
        Cpu->Dx = KernelData;
        Done(Machine.Call("wr_fs_edx"));
        Assert.Equal(KernelData, Cpu->Page->Fs);
        Machine.Write(Data, 0xFFFF_0000 | UserData);
        Done(Machine.Call("wr_gs_m", Nop(Data)));
        Assert.Equal(UserData, Cpu->Page->Gs);
        Machine.Write(StackTop - 4, 0xFFFF_0000 | KernelData);
        Cpu->Sp = StackTop - 4;
        Done(Machine.Call("pop_es"));
        Assert.Equal(KernelData, Cpu->Page->Es);
        Machine.Write(Data, 0xCAFE_BABE, UserData);
        Done(Machine.Call("lfs", Nop(Data), Nop(Register.EBP)));
        Assert.Equal((UserData, 0xCAFE_BABEu), (Cpu->Page->Fs, Cpu->Bp));
    }

    [Fact]
    public void Ports_are_read_into_the_low_part_of_eax()
    {
        (Cpu->Ax, Cpu->Dx) = (0x1111_1111, 0xFFFF_03F8);
        foreach ((string entry, uint width, uint value) in ((string, uint, uint)[])[("inb_dx", 1, 0x1111_1199), ("inw_dx", 2, 0x1111_8899),
            ("inl_dx", 4, 0x6677_8899)])
        {
            Assert.Equal(Outcome.PortAccess, Machine.Call(entry));
            Assert.Equal((AccessKind.PortRead, 0x3F8u, width), (Cpu->Access.Kind, Cpu->Access.Address, Cpu->Access.Width));
            Complete(0x6677_8899);
            Assert.Equal(value, Cpu->Ax);
        }
        Assert.Equal(Outcome.PortAccess, Machine.Call("inb_imm", Nop(0x64)));
        Assert.Equal(0x64u, Cpu->Access.Address);
    }

    [Fact]
    public void Ports_are_written_from_the_low_part_of_eax()
    {
        (Cpu->Ax, Cpu->Dx) = (0x6677_8899, 0x20);
        foreach ((string entry, uint value) in ((string, uint)[])[("outb_dx", 0x99), ("outw_dx", 0x8899), ("outl_dx", 0x6677_8899)])
        {
            Assert.Equal(Outcome.PortAccess, Machine.Call(entry));
            Assert.Equal((AccessKind.PortWrite, 0x20u, value), (Cpu->Access.Kind, Cpu->Access.Address, Cpu->Access.Value));
            Complete(0);
        }
    }

    [Fact]
    public void Repeated_string_input_is_at_the_call_between_elements()
    {
        (Cpu->Cx, Cpu->Di, Cpu->Dx) = (3, Data, 0x1F0);
        Outcome outcome = Machine.Call("rep_insw");
        for (uint i = 0; i < 3; i++)
        {
            Assert.Equal((Outcome.PortAccess, SimulatedMachine.Code, 3 - i, StackTop), (outcome, Cpu->Ip, Cpu->Cx, Cpu->Sp));
            Cpu->Access.Value = 0x1000 + i;
            outcome = LilyVM.Hypervisor.Emulation.Accesses.Complete(Cpu);
        }
        Done(outcome);
        Assert.Equal((0x1001_1000u, 0x1002u, Data + 6, 0u), (Machine.Word(Data), Machine.Word(Data + 4), Cpu->Di, Cpu->Cx));
    }

    [Fact]
    public void String_output_goes_down_with_the_direction_flag_and_not_at_all_with_a_count_of_zero()
    {
        Machine.Write(Data, 0x4433_2211);
        (Cpu->Si, Cpu->Dx, Cpu->Flags) = (Data + 1, 0x3F8, 0x402);
        Assert.Equal(Outcome.PortAccess, Machine.Call("outsb"));
        Assert.Equal(0x22u, Cpu->Access.Value);
        Complete(0);
        Assert.Equal(Data, Cpu->Si);
        Done(Machine.Call("rep_outsl"));
    }

    [Fact]
    public void Cpuid_answers_from_the_table()
    {
        AddLeaf(1, CpuidEntry.AnySubleaf, 0x600, 0, 0x0800_0001, 0x11);
        AddLeaf(0xD, 0, 7, 0, 0, 0);
        (Cpu->Ax, Cpu->Cx) = (1, 9);
        Done(Machine.Call("cpuid"));
        Assert.Equal((0x600u, 1u, 0x11u), (Cpu->Ax, Cpu->Cx, Cpu->Dx)); // OSXSAVE follows CR4
        (Cpu->Cr4, Cpu->Ax) = (1 << 18, 1);
        Done(Machine.Call("cpuid"));
        Assert.Equal(0x0800_0001u, Cpu->Cx);
        (Cpu->Ax, Cpu->Cx) = (0xD, 1);
        Done(Machine.Call("cpuid"));
        Assert.Equal((0u, 0u), (Cpu->Ax, Cpu->Bx));
    }

    [Theory]
    [InlineData(7u, true)]
    [InlineData(3u, true)]
    [InlineData(1u, true)]
    [InlineData(5u, false)]
    [InlineData(2u, false)]
    [InlineData(0xFu, false)]
    public void Xsetbv_takes_what_cpuid_offers(uint value, bool accepted)
    {
        AddLeaf(0xD, 0, 7, 0, 0, 0);
        (Cpu->Cr4, Cpu->Ax, Cpu->Cx, Cpu->Dx) = (1 << 18, value, 0, 0);
        Machine.Call("xsetbv");
        if (accepted)
            Assert.Equal((ulong)value, Cpu->Xcr0);
        else
            Machine.AssertFault(13, 0);
    }

    [Fact]
    public void A_fault_of_an_operand_is_reported_at_the_call_with_the_stack_as_before()
    {
        Machine.Call("lgdt", Nop(new MemoryOperand(Register.EBX, Register.None, 1, 0, 0, false, Register.GS)));
        Machine.AssertFault(13, 0); // GS is null
    }

    [Fact]
    public void An_unknown_entry_and_missing_operands_are_invalid_opcodes()
    {
        Machine.Write(StackTop - 4, Return);
        Cpu->Sp = StackTop - 4;
        Hypercalls.Execute(Cpu, (uint)LibraryEntries.All.Count);
        Machine.AssertFault(6, null);
        Cpu->Sp = StackTop;
        Machine.Call("ltr_v");
        Machine.AssertFault(6, null);
    }

    private void Done(Outcome outcome)
    {
        Assert.Equal(Outcome.Resume, outcome);
        Assert.Equal((Return, StackTop), (Cpu->Ip, Cpu->Sp));
    }

    private void Complete(uint value)
    {
        Assert.Equal(SimulatedMachine.Code, Cpu->Ip);
        Cpu->Access.Value = value;
        Done(LilyVM.Hypervisor.Emulation.Accesses.Complete(Cpu));
    }

    private void AddLeaf(uint leaf, uint subleaf, uint eax, uint ebx, uint ecx, uint edx)
    {
        CpuidEntry* entry = CpuidTable.At(&Cpu->Cpuid, Cpu->Cpuid.Count++);
        (entry->Leaf, entry->Subleaf, entry->Eax, entry->Ebx, entry->Ecx, entry->Edx) = (leaf, subleaf, eax, ebx, ecx, edx);
    }
}
