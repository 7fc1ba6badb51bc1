using System.Buffers.Binary;
using LilyVM.Abi;
using LilyVM.Devices;
using LilyVM.Engines;
using LilyVM.Tests.Boot;
using LilyVM.Tests.Recipes;

namespace LilyVM.Tests.Machine;

/// <summary>A folder with a small kernel, and machines made of it that run on a <see cref="ScriptedEngine"/>.</summary>
internal sealed class MachineFixture : IDisposable
{
    internal const uint Entry = 0x100_0000;

    private readonly ScratchFolder folder = new();

    internal MachineFixture() => Write("kernel", Kernel().Build());

    /// <summary>What the guest printed.</summary>
    internal Printed Output { get; } = new();

    /// <summary>The engine of the last machine.</summary>
    internal ScriptedEngine Engine { get; private set; } = null!;

    internal string this[string name] => folder[name];

    internal static ElfBuilder Kernel() =>
        new ElfBuilder { Entry = Entry }.Code(".text", Entry + VmArea.LinkOffset, 0x90, 0xF4).Conversion(VmArea.AbiVersion, 1);

    /// <summary>A kernel with a multiboot header of no flags, at 1 MiB.</summary>
    internal string WriteMultiboot()
    {
        byte[] header = new byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x1BADB002);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), -0x1BADB002);
        ElfBuilder kernel = new ElfBuilder { Entry = 0xC010_000C }.Code(".text", 0xC010_0000, [.. header, 0xF4])
            .Conversion(VmArea.AbiVersion, 1);
        return Write("multiboot", kernel.Build());
    }

    internal string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(folder[name], bytes);
        return folder[name];
    }

    internal MachineOptions Options(Func<ScriptedEngine, IEnumerable<Exit>> script) => new()
    {
        Kernel = folder["kernel"],
        MemoryBytes = 64 << 20,
        Console = new MachineConsole(Output),
        CreateEngine = bytes => Engine = new ScriptedEngine(bytes, script),
    };

    /// <summary>Runs a machine to its end.</summary>
    internal async Task<MachineResult> Run(Func<ScriptedEngine, IEnumerable<Exit>> script)
    {
        using var machine = new VirtualMachine(Options(script));
        return await machine.RunAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Collects what is printed.</summary>
    internal sealed class Printed : IConsoleOutput
    {
        private readonly List<byte> printed = [];

        public void Write(ReadOnlySpan<byte> bytes)
        {
            lock (printed)
                printed.AddRange(bytes);
        }

        public override string ToString()
        {
            lock (printed)
                return System.Text.Encoding.Latin1.GetString([.. printed]);
        }
    }
}
