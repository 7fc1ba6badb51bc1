using LilyVM.Hypervisor;
using LilyVM.Hypervisor.Guest;
using static LilyVM.Tests.Hypervisor.SimulatedMachine;

namespace LilyVM.Tests.Hypervisor.Guest;

/// <summary>Task gates and the IRET back (SDM vol. 3, 7.3).</summary>
public sealed unsafe class TaskSwitchTests : MachineTest
{
    private const uint NewTss = 0x5800, TaskGate = 0x85;

    public TaskSwitchTests()
    {
        (Cpu->TssBase, Cpu->TssLimit, Cpu->Page->Tr) = (Tss, 0x67, TaskState);
        Machine.Describe(TaskState, BusyTask, Tss, 0x67);
        Machine.Describe(Free, AvailableTask, NewTss, 0x67);
        WriteTask(Machine, NewTss, 0x9000, 0x6F00, cr3: 0);
        Machine.Gate(8, Free, 0, TaskGate);
    }

    /// <summary>A TSS of a task at level 0 whose general registers hold their numbers, but for ESP.</summary>
    internal static void WriteTask(SimulatedMachine machine, uint tss, uint eip, uint esp, uint cr3)
    {
        machine.Write(tss + 28, cr3, eip, 2, 0, 1, 2, 3, esp, 5, 6, 7, KernelData, KernelCode, KernelData, KernelData, 0, 0, 0);
    }

    [Fact]
    public void A_task_gate_enters_the_task_and_iret_returns_with_everything_as_before()
    {
        (Cpu->Ax, Cpu->Di, Cpu->Page->InterruptFlag, Cpu->Page->Fs) = (0x1234, 0x5678, 0x200, UserData);
        Assert.Equal(Outcome.Resume, Machine.Raise(8));
        Assert.Equal((0x9000u, 0x6EFCu, 0u, 1u, 7u), (Cpu->Ip, Cpu->Sp, Cpu->Ax, Cpu->Cx, Cpu->Di));
        Assert.Equal((0u, TaskState, Free, NewTss), (Machine.Word(0x6EFC), Machine.Word(NewTss) & 0xFFFF, Cpu->Page->Tr, Cpu->TssBase));
        Assert.Equal((BusyTask, BusyTask), (AccessByte(TaskState), AccessByte(Free)));
        Assert.Equal((Flags.NestedTask, 0u, 8u), (Cpu->VirtualFlags & Flags.NestedTask, Cpu->Page->InterruptFlag, Cpu->Cr0 & 8)); // TS
        Assert.Equal(0u, Cpu->Page->Fs);

        Cpu->Sp += 4;
        Cpu->Ip = 0x9100;
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Assert.Equal((Code, StackTop, 0x1234u, 0x5678u, UserData), (Cpu->Ip, Cpu->Sp, Cpu->Ax, Cpu->Di, Cpu->Page->Fs));
        Assert.Equal((TaskState, Tss, 0x200u, 0u),
            (Cpu->Page->Tr, Cpu->TssBase, Cpu->Page->InterruptFlag, Cpu->VirtualFlags & Flags.NestedTask));
        Assert.Equal((BusyTask, AvailableTask, 0x9100u, 2u),
            (AccessByte(TaskState), AccessByte(Free), Machine.Word(NewTss + 32), Machine.Word(NewTss + 36)));
    }

    [Theory]
    [InlineData(Free | 4, 0x89u, 0x67u, 13u, Free | 4)] // in the LDT
    [InlineData(Beyond, 0x89u, 0x67u, 13u, Beyond)]
    [InlineData(Free, 0x8Bu, 0x67u, 13u, Free)] // busy
    [InlineData(Free, 0x93u, 0x67u, 13u, Free)] // data
    [InlineData(Free, 0x09u, 0x67u, 11u, Free)] // not present
    [InlineData(Free, 0x89u, 0x66u, 10u, Free)] // too short
    public void A_task_gate_is_refused_before_anything_changes(uint selector, uint access, uint limit, uint fault, uint error)
    {
        Machine.Describe(Free, access, NewTss, limit);
        Machine.Gate(0x40, selector, 0, TaskGate);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 0x40));
        Machine.AssertFault(fault, error | 1);
        Assert.Equal((TaskState, access, 0u), (Cpu->Page->Tr, AccessByte(Free), Machine.Word(Tss + 32)));
    }

    [Theory]
    [InlineData(0u, 0x8Bu, 0x67u, 10u, 0u)]
    [InlineData(Free | 4, 0x8Bu, 0x67u, 10u, Free | 4)]
    [InlineData(Beyond, 0x8Bu, 0x67u, 10u, Beyond)]
    [InlineData(Free, 0x89u, 0x67u, 10u, Free)] // not busy
    [InlineData(Free, 0x0Bu, 0x67u, 11u, Free)]
    [InlineData(Free, 0x8Bu, 0x66u, 10u, Free)]
    public void An_iret_to_a_task_checks_the_link(uint link, uint access, uint limit, uint fault, uint error)
    {
        Machine.Describe(Free, access, NewTss, limit);
        Machine.Write(Tss, link);
        Cpu->VirtualFlags = Flags.NestedTask;
        Assert.Equal(Outcome.Resume, FarTransfers.Iret(Cpu));
        Machine.AssertFault(fault, error);
        Assert.Equal(Flags.NestedTask, Machine.Word(Cpu->Sp + 12) & Flags.NestedTask); // still set when it faulted
        Assert.Equal((TaskState, BusyTask), (Cpu->Page->Tr, AccessByte(TaskState)));
    }

    [Fact]
    public void A_bad_ldt_of_the_new_task_faults_there_as_an_invalid_tss()
    {
        Machine.Write(NewTss + 96, KernelData);
        Assert.Equal(Outcome.Resume, Events.Interrupt(Cpu, 8));
        Assert.Equal((Handler(10), KernelData | 1, 0x9000u), (Cpu->Ip, Machine.Word(Cpu->Sp), Machine.Word(Cpu->Sp + 4)));
    }

    private uint AccessByte(uint selector) => Machine.Word(Gdt + selector + 4) >> 8 & 0xFF;
}
