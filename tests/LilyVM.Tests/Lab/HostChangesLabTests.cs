using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Lab;

/// <summary>
/// What changes on the host while a guest runs: its disks become full, its clock is set. In the lab, where that harms nobody.
/// </summary>
public sealed class HostChangesLabTests
{
    // Where root shall be is said, so that the disk is only a disk.
    private const string Boot = "lilyvm boot --engine user --append lilyvm.root= --script guest.sh";

    [Fact]
    public void A_disk_that_the_host_has_no_room_for_is_told_and_the_guest_goes_on()
    {
        const string Host = $"""
            mkdir /small
            mount -t tmpfs -o size=2M tmpfs /small
            truncate -s 64M /small/disk.img /tmp/disk.img
            {Boot} --drive /small/disk.img </dev/null || exit 1
            rm /small/disk.img
            TMPDIR=/small {Boot} --drive file=/tmp/disk.img,snapshot=on </dev/null || exit 2
            """;
        const string Guest = """
            dd if=/dev/zero of=/dev/vda bs=64k count=200 conv=fsync 2>/dev/null && exit 1
            dd if=/dev/vda of=/dev/null bs=64k 2>/dev/null || exit 2
            echo went on
            """;
        Command.Result result = Run(Host, Guest);
        Assert.True((0, "went on\nwent on\n") == (result.Status, result.Output.ReplaceLineEndings("\n")),
            $"status {result.Status}\n{result.Output}{result.Error}");
        const string NoRoom = "No space left on device; the guest gets I/O errors until there is room";
        Assert.Equal(
            [
                $"lilyvm: Cannot write the disk image /small/disk.img: {NoRoom}.",
                $"lilyvm: Cannot write the changes to the disk image /tmp/disk.img in /small: {NoRoom} (TMPDIR can name another folder).",
            ],
            result.Error.Split('\n', StringSplitOptions.TrimEntries).Where(line => line.StartsWith("lilyvm: ", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_guest_takes_a_step_of_the_host_s_clock_when_it_asks()
    {
        const string Host = $"""
            {Boot} </dev/null >said & guest=$!
            until grep -q ready said; do
                kill -0 $guest || exit 1
                sleep 1
            done
            date -s @$(($(date +%s) + 100000)) >/dev/null
            wait $guest
            """;
        const string Guest = """
            behind() { echo $(($(cat /sys/class/rtc/rtc0/since_epoch) - $(date +%s))); }
            echo ready
            until [ $(behind) -gt 50000 ]; do sleep 1; done
            hwclock -s && [ $(behind) -lt 1000 ]
            """;
        Command.Result result = Run(Host, Guest);
        Assert.True(result.Status == 0, $"status {result.Status}\n{result.Output}{result.Error}");
    }

    private static Command.Result Run(string host, string guest)
    {
        using var scratch = new ScratchFolder();
        return LabTests.Lab(
            ["--kernel-args", "clearcpuid=smap", "--file", scratch.Write("host.sh", host), "--file",
                scratch.Write("guest.sh", "#!/bin/sh\n" + guest), "--", "sh", "host.sh"]);
    }
}
