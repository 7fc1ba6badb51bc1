using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using LilyVM.Abi;
using X64 = LilyVM.Abi.X64;

// Usage: AbiHeaders DIRECTORY: writes lilyvm_abi.h (constants for C and assembly) and jump_table.inc (the table itself).
// AbiHeaders --x64 DIRECTORY: the same for x86-64.
// AbiHeaders --entry-table Ia32|X64 DIRECTORY: writes EntryTable.g.cs (what each entry does) for the hypervisor core.
if (args is ["--entry-table", "Ia32" or "X64", _])
{
    Directory.CreateDirectory(args[2]);
    WriteIfChanged(args[2], "EntryTable.g.cs", EntryTableSource.Text(args[1] == "X64" ? X64.LibraryEntries.Table : LibraryEntries.Table));
    return 0;
}
if (args is not ([_] or ["--x64", _]))
{
    Console.Error.WriteLine("usage: AbiHeaders [--x64 | --entry-table Ia32|X64] DIRECTORY");
    return 2;
}
Directory.CreateDirectory(args[^1]);
bool wide = args.Length == 2;
WriteIfChanged(args[^1], "lilyvm_abi.h", wide
    ? Constants<X64.VcpuPage>(typeof(X64.VmArea), X64.VmArea.Vcpu, X64.LibraryEntries.Table)
    : Constants<VcpuPage>(typeof(VmArea), VmArea.Vcpu, LibraryEntries.Table));
WriteIfChanged(args[^1], "jump_table.inc", JumpTable(wide ? X64.LibraryEntries.Table : LibraryEntries.Table));
return 0;

// An unchanged header keeps its time stamp, so that incremental builds of native code stay quiet.
static void WriteIfChanged(string directory, string name, string text)
{
    string path = Path.Combine(directory, name);
    if (!File.Exists(path) || File.ReadAllText(path) != text)
        File.WriteAllText(path, text);
}

static string Constants<TPage>(Type area, uint page, EntryTable entries)
    where TPage : struct
{
    var text = new StringBuilder("/* Generated from src/LilyVM.Abi. Do not edit. */\n#pragma once\n\n");
    void Define(string name, uint value) => text.Append(CultureInfo.InvariantCulture, $"#define {name} 0x{value:X}\n");

    foreach (FieldInfo constant in area.GetFields())
        Define("LILY_" + UpperSnake.Of(constant.Name), (uint)constant.GetRawConstantValue()!);
    Offsets<LibraryHeader>("LILY_HEADER_", 0, Define);
    Define("LILY_HEADER_EXPECTED_MAGIC", LibraryHeader.ExpectedMagic);
    foreach (LibraryImage image in Enum.GetValues<LibraryImage>())
        Define("LILY_IMAGE_" + UpperSnake.Of(image.ToString()), (uint)image);
    foreach (RecoveryKind kind in Enum.GetValues<RecoveryKind>())
        Define("LILY_RECOVER_" + UpperSnake.Of(kind.ToString()), (uint)kind);
    foreach (X64.WindowKind kind in Enum.GetValues<X64.WindowKind>())
        Define("LILY_WINDOW_" + UpperSnake.Of(kind.ToString()), (uint)kind);
    text.Append("\n/* Absolute addresses of the fields of the vCPU page. */\n");
    Offsets<TPage>("VCPU_", page, Define);
    text.Append("\n/* Jump table entries. */\n");
    Define("LILY_ENTRY_COUNT", (uint)entries.All.Count);
    foreach (LibraryEntry entry in entries.All)
        Define("LILY_NR_" + entry.Name, (uint)entry.Index);
    return text.ToString();
}

static void Offsets<T>(string prefix, uint origin, Action<string, uint> define)
    where T : struct
{
    foreach (FieldInfo field in typeof(T).GetFields(BindingFlags.Public | BindingFlags.Instance))
        define(prefix + UpperSnake.Of(field.Name), origin + (uint)Marshal.OffsetOf<T>(field.Name));
}

static string JumpTable(EntryTable entries)
{
    var text = new StringBuilder("/* Generated from src/LilyVM.Abi. ENTRY(number, name) places one slot of the jump table. */\n");
    foreach (LibraryEntry entry in entries.All)
        text.Append(CultureInfo.InvariantCulture, $"ENTRY({entry.Index}, {entry.Name})\n");
    return text.ToString();
}
