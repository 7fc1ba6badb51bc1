using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Text;

namespace LilyVM.Build;

/// <summary>
/// The text of a header for assembly and C, made from types of the hypervisor, which are found by name because they are internal.
/// </summary>
internal sealed class Header(Assembly hypervisor)
{
    private const BindingFlags Static = BindingFlags.Public | BindingFlags.Static, Instance = BindingFlags.Public | BindingFlags.Instance;
    private readonly StringBuilder text = new("/* Generated from src/LilyVM.Hypervisor. Do not edit. */\n#pragma once\n\n");

    /// <inheritdoc/>
    public override string ToString() => text.ToString();

    /// <summary>A public constant.</summary>
    internal void Constant(string type, string constant, string name) => Define(name, Value(Find(type).GetField(constant, Static)!));

    /// <summary>All public constants of a type.</summary>
    internal void Constants(string type, string prefix)
    {
        foreach (FieldInfo field in Find(type).GetFields(Static))
            Define(prefix + UpperSnake.Of(field.Name), Value(field));
    }

    /// <summary>The members of an enumeration.</summary>
    internal void Enumeration(string type, string prefix) => Constants(type, prefix);

    /// <summary>Offsets of the fields of a structure, and its size.</summary>
    internal void Structure(string name, string prefix)
    {
        Type type = Find(name);
        text.Append(CultureInfo.InvariantCulture, $"\n/* Offsets in {name}, and its size. */\n");
        foreach (FieldInfo field in type.GetFields(Instance))
            Define(prefix + UpperSnake.Of(field.Name), Offset(field));
        Define(prefix + "SIZE", (ulong)Size(type));
    }

    /// <summary>A structure as C declares it; the C compiler checks that it agrees.</summary>
    internal void StructureInC(string name, string cName)
    {
        Type type = Find(name);
        var checks = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"\n#ifndef __ASSEMBLER__\nstruct {cName} {{\n");
        foreach (FieldInfo field in type.GetFields(Instance))
        {
            string fieldName = UpperSnake.Of(field.Name).ToLowerInvariant();
            text.Append(CultureInfo.InvariantCulture, $"\t{Declaration(field, fieldName)};\n");
            checks.Append(CultureInfo.InvariantCulture,
                $"_Static_assert(__builtin_offsetof(struct {cName}, {fieldName}) == {Offset(field)}, \"{name}.{field.Name}\");\n");
        }
        text.Append(CultureInfo.InvariantCulture,
            $"}};\n{checks}_Static_assert(sizeof(struct {cName}) == {Size(type)}, \"{name}\");\n#endif\n");
    }

    private static string Declaration(FieldInfo field, string name)
    {
        if (field.GetCustomAttribute<FixedBufferAttribute>() is { } buffer)
            return $"{CType(buffer.ElementType)} {name}[{buffer.Length.ToString(CultureInfo.InvariantCulture)}]";
        return $"{CType(field.FieldType)} {name}";
    }

    private static string CType(Type type) => Type.GetTypeCode(type.IsEnum ? type.GetEnumUnderlyingType() : type) switch
    {
        TypeCode.Byte => "__u8",
        TypeCode.UInt16 => "__u16",
        TypeCode.UInt32 => "__u32",
        TypeCode.UInt64 => "__u64",
        _ => throw new NotSupportedException($"{type} has no type in C here."),
    };

    private static ulong Value(FieldInfo field) => Convert.ToUInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture);

    // Where the runtime itself puts the field: its address in a local variable, less that of the variable. (Marshalling has offsets of its
    // own.)
    private static ulong Offset(FieldInfo field)
    {
        var difference = new DynamicMethod("Offset", typeof(ulong), null, typeof(Header).Module, skipVisibility: true);
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

    private static int Size(Type type) => (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    private Type Find(string name) => hypervisor.GetType("LilyVM.Hypervisor." + name, throwOnError: true)!;

    private void Define(string name, ulong value) => text.Append(CultureInfo.InvariantCulture, $"#define {name} 0x{value:X}\n");
}
