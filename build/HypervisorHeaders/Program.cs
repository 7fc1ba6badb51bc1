using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Text;
using LilyVM.Hypervisor;

// Usage: HypervisorHeaders FILE: writes offsets of fields, sizes and addresses that assembly and C# share.
if (args.Length != 1)
{
    Console.Error.WriteLine("usage: HypervisorHeaders FILE");
    return 2;
}

// Types that are internal to the hypervisor are found by name.
(string Type, string Prefix)[] structures = [("Vcpu", "VCPU_STATE_")];
(string Type, string Constant, string Name)[] constants = [("User.Layout", "Image", "IMAGE_ADDRESS"), ("User.Layout", "Machine", "MACHINE_ADDRESS")];

Assembly hypervisor = typeof(CpuidEntry).Assembly;
var text = new StringBuilder("/* Generated from src/LilyVM.Hypervisor. Do not edit. */\n#pragma once\n\n");
foreach ((string type, string constant, string name) in constants)
{
    object value = Find(type).GetField(constant, BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue()
        ?? throw new InvalidOperationException($"{type}.{constant} is not a public constant.");
    Define(name, Convert.ToUInt64(value, CultureInfo.InvariantCulture));
}
foreach ((string name, string prefix) in structures)
{
    Type type = Find(name);
    text.Append(CultureInfo.InvariantCulture, $"\n/* Offsets in {name}, and its size. */\n");
    foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.Instance))
        Define(prefix + UpperSnake(field.Name), Offset(field));
    Define(prefix + "SIZE", (ulong)Size(type));
}

// An unchanged header keeps its time stamp, so that incremental builds of native code stay quiet.
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(args[0]))!);
if (!File.Exists(args[0]) || File.ReadAllText(args[0]) != text.ToString())
    File.WriteAllText(args[0], text.ToString());
return 0;

Type Find(string name) => hypervisor.GetType("LilyVM.Hypervisor." + name, throwOnError: true)!;

void Define(string name, ulong value) => text.Append(CultureInfo.InvariantCulture, $"#define {name} 0x{value:X}\n");

// Where the runtime itself puts the field: its address in a local variable, less that of the variable. (Marshalling has offsets of its own.)
static ulong Offset(FieldInfo field)
{
    var difference = new DynamicMethod("Offset", typeof(ulong), null, typeof(Program).Module, skipVisibility: true);
    ILGenerator code = difference.GetILGenerator();
    LocalBuilder variable = code.DeclareLocal(field.DeclaringType!);
    code.Emit(OpCodes.Ldloca, variable);
    code.Emit(OpCodes.Ldflda, field);
    code.Emit(OpCodes.Conv_U8);
    code.Emit(OpCodes.Ldloca, variable);
    code.Emit(OpCodes.Conv_U8);
    code.Emit(OpCodes.Sub);
    code.Emit(OpCodes.Ret);
    return (ulong)difference.Invoke(null, null)!;
}

static int Size(Type type) => (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

static string UpperSnake(string name)
{
    var text = new StringBuilder();
    for (int i = 0; i < name.Length; i++)
    {
        if (i > 0 && char.IsUpper(name[i]) && !char.IsUpper(name[i - 1]))
            text.Append('_');
        text.Append(char.ToUpperInvariant(name[i]));
    }
    return text.ToString();
}
