namespace LilyVM.Hypervisor.Emulation;

/// <summary>
/// Accesses of the guest to ports and devices, from the instruction to its end. The vCPU stays at the instruction until the last access of
/// it was carried out. Safe: guest memory is reached through the page walk only.
/// </summary>
internal static unsafe class Accesses
{
    // Access.Flags of a device access: what is computed, how wide the register is, how memory is used, REP. Access.Memory is the other
    // operand.
    private const int RegisterWidthShift = 8, FormShift = 12;
    private const uint RepeatBit = 1 << 16;

    /// <summary>
    /// Finishes an instruction, or its next step, after <see cref="Vcpu.Access"/> was carried out. <see cref="Outcome.PortAccess"/> and
    /// <see cref="Outcome.DeviceAccess"/> mean that it has another access; the vCPU is at the instruction then, and may take an interrupt
    /// first if the access is one of a string instruction to a port.
    /// </summary>
    public static Outcome Complete(Vcpu* cpu)
    {
        if (cpu->Access.Kind < AccessKind.DeviceRead)
            return Ports.Complete(cpu);
        var form = (MemoryForm)(cpu->Access.Flags >> FormShift & 15);
        if (form >= MemoryForm.StoreString)
            return CompleteString(cpu, form);
        if (cpu->Access.Kind == AccessKind.DeviceRead)
        {
            if (form == MemoryForm.Modify && Modify(cpu))
                return Outcome.DeviceAccess;
            if (form == MemoryForm.Load)
                Load(cpu);
        }
        cpu->Ip = (Word)cpu->Access.NextIp;
        return Outcome.Resume;
    }

    /// <summary>
    /// Decodes the instruction at EIP, which touched <paramref name="gva"/> on a page at <paramref name="gpa"/> that is not RAM.
    /// <see cref="Outcome.NotHandled"/> if it is not known.
    /// </summary>
    public static Outcome StartDevice(Vcpu* cpu, Word gva, Word gpa, bool write)
    {
        MemoryOperation operation;
        Outcome outcome;
        if (!MemoryInstructions.TryDecode(cpu, &operation, &outcome))
            return outcome;
        Word address = operation.Form == MemoryForm.MoveString && write ? cpu->Di : operation.Address;
        if (gva - address >= operation.Width)
            return Outcome.NotHandled;
        Prepare(cpu, &operation, gpa - (gva - address));
        if (operation.Form != MemoryForm.MoveString)
            return Outcome.DeviceAccess;
        cpu->Access.Kind = write ? AccessKind.DeviceWrite : AccessKind.DeviceRead;
        bool ready = write
            ? Narrow.Read(cpu, operation.Address, operation.Width, &cpu->Access.Value)
            : GuestMemory.Probe(cpu, cpu->Di, operation.Width, Privilege.Access(cpu, AccessFlags.Write));
        return ready ? Outcome.DeviceAccess : Events.RaiseFault(cpu);
    }

    /// <summary>
    /// Executes the instruction at EIP, which touched <paramref name="gva"/>, against RAM: for pages that the host cannot map.
    /// </summary>
    public static Outcome RunOnRam(Vcpu* cpu, Word gva)
    {
        MemoryOperation operation;
        bool isKnown;
        if (!MemoryInstructions.Decode(cpu, &operation, &isKnown))
            return Events.RaiseFault(cpu);
        bool touchesDestination = operation.Form == MemoryForm.MoveString && gva - cpu->Di < operation.Width;
        if (!isKnown || (!touchesDestination && gva - operation.Address >= operation.Width))
            return Outcome.NotHandled;
        Prepare(cpu, &operation, operation.Address);
        bool writesBack = operation.Form == MemoryForm.Modify && !Alu.OnlySetsFlags(operation.Alu);
        if (writesBack && !GuestMemory.Probe(cpu, operation.Address, operation.Width, Privilege.Access(cpu, AccessFlags.Write)))
            return Events.RaiseFault(cpu);
        Outcome outcome;
        do
        {
            bool done = cpu->Access.Kind == AccessKind.DeviceRead
                ? Narrow.Read(cpu, operation.Address, operation.Width, &cpu->Access.Value)
                : Narrow.Write(cpu, operation.Address, operation.Width, cpu->Access.Value);
            outcome = done ? Complete(cpu) : Events.RaiseFault(cpu);
        }
        while (outcome == Outcome.DeviceAccess);
        return outcome;
    }

    private static void Prepare(Vcpu* cpu, MemoryOperation* operation, Word address)
    {
        bool writes = operation->Form is MemoryForm.Store or MemoryForm.StoreString;
        cpu->Access.Kind = writes ? AccessKind.DeviceWrite : AccessKind.DeviceRead;
        cpu->Access.Address = address;
        cpu->Access.Width = operation->Width;
        cpu->Access.Value = operation->Source;
        cpu->Access.Destination = operation->Register;
        cpu->Access.Memory = operation->Source;
        cpu->Access.NextIp = operation->NextIp;
        cpu->Access.Flags = (uint)operation->Alu | operation->RegisterWidth << RegisterWidthShift | (uint)operation->Form << FormShift
            | (operation->Repeats ? RepeatBit : 0);
    }

    private static AluOp Operation(Vcpu* cpu) => (AluOp)(cpu->Access.Flags & 0xFF);

    // The register gets what was read, extended, or the result of both.
    private static void Load(Vcpu* cpu)
    {
        uint width = cpu->Access.Flags >> RegisterWidthShift & 7;
        Word value = (Word)cpu->Access.Value & Alu.Mask(cpu->Access.Width);
        AluOp op = Operation(cpu);
        if (op == AluOp.MoveSigned)
            value = cpu->Access.Width == 1 ? (Word)(sbyte)value : cpu->Access.Width == 2 ? (Word)(short)value : (Word)(int)value;
        else
            value = Alu.Compute(op, (Word)cpu->Access.Memory, value, width, &cpu->Flags);
        if (!Alu.OnlySetsFlags(op))
            Operands.SetRegister(cpu, cpu->Access.Destination, width, value);
    }

    // Turns the access into the write that follows it; false if there is none.
    private static bool Modify(Vcpu* cpu)
    {
        AluOp op = Operation(cpu);
        Word before = (Word)cpu->Access.Value & Alu.Mask(cpu->Access.Width);
        Word result = Alu.Compute(op, before, (Word)cpu->Access.Memory, cpu->Access.Width, &cpu->Flags);
        if (op == AluOp.Exchange)
            Operands.SetRegister(cpu, cpu->Access.Destination, cpu->Access.Width, before);
        cpu->Access.Kind = AccessKind.DeviceWrite;
        cpu->Access.Value = result;
        return !Alu.OnlySetsFlags(op);
    }

    private static Outcome CompleteString(Vcpu* cpu, MemoryForm form)
    {
        uint width = cpu->Access.Width;
        Word step = (cpu->Flags & Flags.Direction) != 0 ? 0 - (Word)width : width;
        bool toMemory = form == MemoryForm.MoveString && cpu->Access.Kind == AccessKind.DeviceRead;
        if (toMemory && !Narrow.Write(cpu, cpu->Di, width, cpu->Access.Value))
            return Events.RaiseFault(cpu);
        if (form == MemoryForm.LoadString)
            Operands.SetRegister(cpu, 0, width, (Word)cpu->Access.Value);
        if (form != MemoryForm.StoreString)
            cpu->Si += step;
        if (form != MemoryForm.LoadString)
            cpu->Di += step;
        bool isLast = (cpu->Access.Flags & RepeatBit) == 0 || --cpu->Cx == 0;
        if (isLast)
            cpu->Ip = (Word)cpu->Access.NextIp;
        return Outcome.Resume;
    }
}
