namespace LilyVM.Hypervisor.Emulation;

/// <summary>Calls of the VM library that an engine completes. Safe: guest memory is reached through the page walk only.</summary>
internal static unsafe class Hypercalls
{
    /// <summary>
    /// Executes an entry of the jump table for the call whose return address the stack pointer points to. A fault is reported at the call,
    /// with the stack pointer as before it.
    /// </summary>
    public static Outcome Execute(Vcpu* cpu, uint entry)
    {
        Word returnAddress = 0;
        uint word = entry < EntryTable.Count ? EntryTable.Word(entry) : (uint)Op.Undefined;
        if (OwnInstructions.IsJumpedTo(EntryTable.OpOf(word)))
        {
            cpu->Ip = OwnInstructions.JumpSite(cpu);
        }
        else
        {
            if (!GuestMemory.ReadWord(cpu, cpu->Sp, Privilege.Access(cpu, AccessFlags.Read), &returnAddress))
                return Events.RaiseFault(cpu);
            cpu->Ip = OwnInstructions.CallSite(cpu, returnAddress);
            cpu->Sp += sizeof(Word);
        }
        if (entry >= EntryTable.Count)
        {
            Privilege.InvalidOpcode(cpu);
            return Events.RaiseFault(cpu);
        }
        if (EntryTable.OpOf(word) == Op.Iret && cpu->Cpl == 0)
            return FarTransfers.Iret(cpu); // by far the most frequent one
        uint named = EntryTable.RegisterOf(word);
        Request request;
        request.Op = EntryTable.OpOf(word);
        request.Number = EntryTable.NumberOf(word);
        request.Width = EntryTable.WidthOf(word);
        request.Repeats = EntryTable.Repeats(word);
        request.IsMemory = false;
        request.Address = request.Offset = request.SegmentBase = 0;
        request.Register = named;
        request.Value = named != EntryTable.NoRegister ? (&cpu->Ax)[named] : 0;
        request.NextIp = request.ReturnIp = returnAddress;
        if (request.Op is >= Op.In and <= Op.Outs)
            request.Value = cpu->Dx & 0xFFFF; // an immediate operand replaces it

        uint operands = EntryTable.OperandsOf(word);
        if (operands != EntryTable.NoOperand)
        {
            CodeReader code;
            CodeReader.Start(&code, returnAddress);
            if (!OperandNops.Decode(cpu, &code, operands, &request))
                return Events.RaiseFault(cpu);
            request.ReturnIp = code.Position;
        }
        return Executor.Execute(cpu, &request);
    }
}
