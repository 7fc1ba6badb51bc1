using LilyVM.Devices.Virtio;
using LilyVM.Memory;

namespace LilyVM.Tests.Devices.Virtio;

/// <summary>One buffer of a request.</summary>
internal readonly record struct TestBuffer(ulong Address, uint Length, bool ForDevice = false, ushort MoreFlags = 0);

/// <summary>
/// A driver's side of a virtio device, as simple as the specification allows: queues of 16 entries, one request after another.
/// </summary>
internal sealed class TestDriver : IDisposable
{
    public const ulong Version1 = 1UL << 32, EventIndex = 1UL << 29, Indirect = 1UL << 28;
    public const int QueueSize = 16;

    private readonly ushort[] added = new ushort[6], freeDescriptor = new ushort[6];
    private readonly uint queueCount;

    public TestDriver(VirtioDevice device, ulong features = 0, bool start = true)
        : this(new TestRam(), _ => device, features, start)
    {
    }

    public TestDriver(TestRam memory, Func<GuestRam, VirtioDevice> make, ulong features = 0, bool start = true)
    {
        Memory = memory;
        VirtioDevice device = make(memory.Ram);
        queueCount = (uint)device.QueueCount;
        Device = new VirtioMmio(device, Memory.Ram, Line);
        if (start)
            Start(features);
    }

    /// <summary>Does what a driver does first.</summary>
    public void Start(ulong features = 0)
    {
        Negotiate(features | Version1);
        for (uint queue = 0; queue < queueCount; queue++)
            SetUpQueue(queue);
        Set(0x070, 15);
    }

    public TestLine Line { get; } = new();

    public TestRam Memory { get; }

    public VirtioMmio Device { get; }

    public static uint Descriptors(uint queue) => 0x1000 + 0x1000 * queue;

    public static uint Available(uint queue) => Descriptors(queue) + 0x400;

    public static uint Used(uint queue) => Descriptors(queue) + 0x800;

    public uint Get(uint offset) => Device.Read(offset, 4);

    public void Set(uint offset, uint value) => Device.Write(offset, 4, value);

    public void Negotiate(ulong features)
    {
        Set(0x070, 1);
        Set(0x070, 3);
        for (uint half = 0; half < 2; half++)
        {
            Set(0x024, half);
            Set(0x020, (uint)(features >> (int)(32 * half)));
        }
        Set(0x070, 11);
    }

    public void SetUpQueue(uint queue)
    {
        Set(0x030, queue);
        Set(0x038, QueueSize);
        Set(0x080, Descriptors(queue));
        Set(0x090, Available(queue));
        Set(0x0A0, Used(queue));
        Set(0x044, 1);
    }

    /// <summary>Empties the rings, as a driver does that begins anew.</summary>
    public void ForgetQueues()
    {
        Array.Clear(added);
        Array.Clear(freeDescriptor);
        for (uint queue = 0; queue < queueCount; queue++)
            Memory.Bytes.Slice((int)Descriptors(queue), 0x1000).Clear();
    }

    /// <summary>Makes a request available, without a notification; gives its head.</summary>
    public ushort Add(uint queue, params ReadOnlySpan<TestBuffer> buffers)
    {
        ushort head = freeDescriptor[queue];
        for (int i = 0; i < buffers.Length; i++)
        {
            ushort index = freeDescriptor[queue], next = (ushort)((index + 1) % QueueSize);
            bool last = i == buffers.Length - 1;
            WriteDescriptor(Descriptors(queue) + 16u * index, buffers[i], last ? null : next);
            freeDescriptor[queue] = next;
        }
        Memory.Write16(Available(queue) + 4 + 2u * (uint)(added[queue] % QueueSize), head);
        Memory.Write16(Available(queue) + 2, ++added[queue]);
        return head;
    }

    public void WriteDescriptor(uint address, TestBuffer buffer, ushort? next)
    {
        Memory.Write64(address, buffer.Address);
        Memory.Write32(address + 8, buffer.Length);
        Memory.Write16(address + 12, (ushort)((buffer.ForDevice ? 2 : 0) | (next is null ? 0 : 1) | buffer.MoreFlags));
        Memory.Write16(address + 14, next ?? 0);
    }

    public void Notify(uint queue) => Set(VirtioMmio.QueueNotify, queue);

    /// <summary>Notifies and waits until all requests came back; gives the length in the last used element.</summary>
    public uint Complete(uint queue)
    {
        Notify(queue);
        Wait(() => Memory.Read16(Used(queue) + 2) == added[queue]);
        return Memory.Read32(Used(queue) + 4 + 8u * (uint)((added[queue] - 1) % QueueSize) + 4);
    }

    /// <summary>Waits until the device asks to be reset; gives its reason.</summary>
    public string NeedsReset()
    {
        Wait(() => (Get(0x070) & 0x40) != 0);
        return Device.Fault!;
    }

    /// <summary>Waits for something that the device's thread does; the time only ends a test that hangs.</summary>
    public static void Wait(Func<bool> condition) =>
        Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(60)), "The device does nothing.");

    public void Dispose()
    {
        Device.Dispose();
        Assert.True(Memory.IsAroundUntouched);
        Memory.Dispose();
    }
}
