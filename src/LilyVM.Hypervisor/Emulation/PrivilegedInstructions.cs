namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// Sensitive instructions of the guest kernel that were not converted and trapped. Safe: code is read through the page walk, and what is
/// not known stays untouched.
/// </summary>
internal static unsafe class PrivilegedInstructions
{
    /// <summary>
    /// Executes the instruction at EIP. <see cref="Outcome.NotHandled"/> if it is none of ours, or the guest is not at CPL 0. Far
    /// transfers, and what pushes or pops, are known with 32-bit operands only.
    /// </summary>
    public static Outcome Execute(Vcpu* cpu) => cpu->Cpl == 0 ? Execute(cpu, ofProgram: false) : Outcome.NotHandled;

    /// <summary>
    /// Executes the instruction at EIP if any privilege level may execute it and it trapped because the CPU looked its operand up in the
    /// host's tables: loads of segment registers, far transfers, INT n. <see cref="Outcome.NotHandled"/> if it is none of these.
    /// </summary>
    public static Outcome ExecuteOfProgram(Vcpu* cpu) => Execute(cpu, ofProgram: true);

    private static Outcome Execute(Vcpu* cpu, bool ofProgram)
    {
        CodeReader code;
        Prefixes prefixes;
        Request request;
        uint opcode;
        CodeReader.Start(&code, cpu->Ip);
        if (!Prefixes.Read(cpu, &code, &prefixes, &opcode))
            return Events.RaiseFault(cpu);
        request.Op = Op.Undefined;
        request.Number = request.Register = 0;
        request.Address = request.Value = request.Offset = request.SegmentBase = 0;
        request.Width = prefixes.Width;
        request.IsMemory = false;
        request.Repeats = prefixes.HasRepeat;

        bool isKnown;
        bool isComplete = opcode == 0x0F
            ? SystemOpcodes.Decode(cpu, &code, &prefixes, &request, &isKnown)
            : PlainOpcodes.Decode(cpu, &code, &prefixes, opcode, &request, &isKnown);
        if (!isComplete)
            return Events.RaiseFault(cpu);
        if (!isKnown || (ofProgram && !IsForPrograms(request.Op)) || (prefixes.HasOperandSize && NeedsWholeWords(request.Op)))
            return Outcome.NotHandled;
        if (prefixes.HasLock)
        {
            Privilege.InvalidOpcode(cpu);
            return Events.RaiseFault(cpu);
        }
        request.NextIp = request.ReturnIp = code.Position;
        return ofProgram ? Executor.ExecuteUnchecked(cpu, &request) : Executor.Execute(cpu, &request);
    }

    private static bool IsForPrograms(Op op) => op switch
    {
        Op.WriteSegment or Op.PopSegment or Op.LoadFarPointer or Op.Int or Op.Iret or Op.Lret or Op.LongJump or Op.LongCall => true,
        _ => false,
    };

    private static bool NeedsWholeWords(Op op) => op switch
    {
        Op.Pushf or Op.Popf or Op.PushSegment or Op.PopSegment or Op.LoadFarPointer or Op.Iret or Op.Lret or Op.LongJump or Op.LongCall =>
            true,
        _ => false,
    };
}
