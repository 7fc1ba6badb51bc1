namespace System;

/// <summary>What larger copies and fills of structs become. Plain loops: no SSE.</summary>
internal static unsafe class SpanHelpers
{
    internal static void Memmove(ref byte target, ref byte source, nuint count)
    {
        fixed (byte* to = &target, from = &source)
        {
            if ((nuint)to - (nuint)from >= count)
            {
                for (nuint i = 0; i < count; i++)
                    to[i] = from[i];
            }
            else
            {
                for (nuint i = count; i != 0; i--)
                    to[i - 1] = from[i - 1];
            }
        }
    }

    internal static void Fill(ref byte target, byte value, nuint count)
    {
        fixed (byte* to = &target)
        {
            for (nuint i = 0; i < count; i++)
                to[i] = value;
        }
    }

    internal static void ClearWithoutReferences(ref byte target, nuint count) => Fill(ref target, 0, count);
}

/// <summary>The native compiler looks it up; there are no objects to copy.</summary>
internal static class Buffer
{
    private static void BulkMoveWithWriteBarrier(ref byte target, ref byte source, nuint count) =>
        Internal.Runtime.CompilerHelpers.Panic.Stop(Internal.Runtime.CompilerHelpers.PanicCode.BodyRemoved);
}
