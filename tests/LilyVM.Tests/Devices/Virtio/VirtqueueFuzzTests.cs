using CsCheck;
using LilyVM.Devices;
using LilyVM.Devices.Virtio;
using LilyVM.Tests.Devices.Network;

namespace LilyVM.Tests.Devices.Virtio;

// Rings with anything in them: no device throws, hangs, or touches anything outside RAM.
public class VirtqueueFuzzTests
{
    private const uint DescriptorArea = 0x1000, DriverArea = 0x1400, DeviceArea = 0x1800, Tables = 0x8000, Entries = 16;

    private static readonly ulong[] Edges =
        [0, 0x1000, 0x1400, 0x1800, 0x8000, 0x3_FFFF, 0x4_0000, 0xFFFF_FFFF, 0x8000_0000_0000_0000, ulong.MaxValue];

    private static readonly Gen<ulong> Address = Gen.OneOf(
        Gen.ULong[0, 0x4_0000], Gen.ULong[0x3_FFF0, 0x4_0010], Gen.ULong, Gen.Int[0, Edges.Length - 1].Select(i => Edges[i]));

    private static readonly Gen<uint> Length =
        Gen.OneOf(Gen.UInt[0, 64], Gen.UInt[1, 16].Select(n => 16 * n), Gen.UInt[0, 0x4_0000], Gen.UInt);

    private static readonly Gen<(ulong Address, uint Length, ushort Flags, ushort Next)> Descriptor =
        Gen.Select(Address, Length, Gen.UShort[0, 7], Gen.OneOf(Gen.UShort[0, 17], Gen.UShort));

    // Descriptors that mostly are as they should be, so that requests get through to the devices.
    private static readonly Gen<(ulong Address, uint Length, ushort Flags, ushort Next)> Likely =
        Gen.Select(Gen.ULong[0x8000, 0x2_0000], Gen.UInt[0, 2048], Gen.UShort[0, 3], Gen.UShort[0, 15]);

    private static readonly Gen<(ushort Index, ushort[] Heads, (ulong, uint, ushort, ushort)[] Table, byte[] Noise)> Rings = Gen.Select(
        Gen.OneOf(Gen.UShort[0, 16], Gen.UShort), Gen.OneOf(Gen.UShort[0, 15], Gen.UShort[0, 15], Gen.UShort).Array[16],
        Gen.OneOf(Descriptor, Likely, Likely).Array[32], Gen.OneOf(Gen.Byte, Gen.Byte[0, 1]).Array[512]);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_ring_ends_in_completions_or_in_a_fault(bool negotiated)
    {
        using var ram = new TestRam();
        int completions = 0, faults = 0;
        Rings.Sample(
            ring =>
            {
                using var console = new VirtioConsole(new NoOutput());
                console.Receive("some input for the guest"u8);
                using var entropy = new VirtioEntropy();
                using var block = new VirtioBlock(new MemoryDisk(4096), "fuzz");
                var peer = new TestPeer();
                using var network = new VirtioNetwork(peer, [2, 0, 0, 0, 0, 1], 1500) { Features = 1 << 15 /* merged buffers */ };
                peer.Arrive([.. Enumerable.Range(1, 5).Select(i => new byte[300 * i])]);
                foreach ((VirtioDevice device, int index) in
                    ((VirtioDevice, int)[])[(entropy, 0), (console, 0), (console, 1), (block, 0), (network, 0), (network, 1)])
                {
                    Fill(ram, ring.Index, ring.Heads, ring.Table, ring.Noise);
                    var queue = new Virtqueue(ram.Ram, 256)
                    {
                        Size = Entries,
                        DescriptorArea = DescriptorArea,
                        DriverArea = DriverArea,
                        DeviceArea = DeviceArea,
                    };
                    Assert.True(queue.TryEnable(negotiated, negotiated));
                    device.Process(index, queue);
                    faults += queue.Fault is null ? 0 : 1;
                    completions += queue.TakeSignal() ? 1 : 0;
                    device.Process(index, queue); // after a fault nothing happens
                    Assert.False(queue.Fault is not null && queue.TryPop(out _));
                }
                return ram.IsAroundUntouched;
            },
            iter: 500,
            threads: 1);
        Assert.True(completions > 0 && faults > 0); // the samples go both ways
    }

    private static void Fill(TestRam ram, ushort index, ushort[] heads, (ulong Address, uint Length, ushort Flags, ushort Next)[] table,
        byte[] noise)
    {
        ram.Bytes.Clear();
        for (int at = (int)Tables; at < 0x1_0000; at += noise.Length)
            noise.CopyTo(ram.Bytes[at..]);
        for (uint i = 0; i < table.Length; i++) // half for the queue, half for indirect tables
        {
            uint at = (i < Entries ? DescriptorArea : Tables) + 16 * (i % Entries);
            ram.Write64(at, table[i].Address);
            ram.Write32(at + 8, table[i].Length);
            ram.Write16(at + 12, table[i].Flags);
            ram.Write16(at + 14, table[i].Next);
        }
        for (uint i = 0; i < Entries; i++)
            ram.Write16(DriverArea + 4 + 2 * i, heads[i]);
        ram.Write16(DriverArea + 2, index);
    }

    private sealed class NoOutput : IConsoleOutput
    {
        public void Write(ReadOnlySpan<byte> bytes) => _ = bytes.ToArray(); // reads all of them
    }
}
