using LilyVM.Tests.Guests;
using LilyVM.Tests.Recipes;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Lab;

/// <summary>
/// Settings of a whole host that an x86-64 guest could miss, made in the lab: a guest runs, or there is one sentence; the doctor says
/// the same.
/// </summary>
public sealed class PoorHostLabTests(X64GuestBuild build)
{
    // In a user namespace root has no right to map what vm.mmap_min_addr forbids.
    private const string Host = """
        try() {
            echo "$1"
            shift
            "$@" lilyvm run --engine user --kernel flags.elf --memory 64M </dev/null >said 2>&1
            echo "status $?: $(tail -n 1 said)"
            "$@" lilyvm doctor | sed -n 's/  *no, / no, /p; s/  *no: / no: /p' | head -n 1
        }
        chmod 777 .
        echo 2 >/proc/sys/vm/overcommit_memory
        try "memory counts when it is asked for"
        echo 0 >/proc/sys/vm/overcommit_memory
        echo deny >/sys/kernel/mm/transparent_hugepage/shmem_enabled
        try "no large pages of memory files"
        echo always >/sys/kernel/mm/transparent_hugepage/shmem_enabled
        echo 131072 >/proc/sys/vm/mmap_min_addr
        try "no low addresses" unshare -U
        """;

    [Fact]
    public void It_is_slower_or_told_in_a_sentence()
    {
        using var scratch = new ScratchFolder();
        Command.Result result = LabTests.Lab(
            ["--kernel-args", "clearcpuid=smap", "--file", build.Linked("flags"), "--file", scratch.Write("host.sh", Host), "--", "sh",
                "host.sh"]);
        string expected = $"""
            memory counts when it is asked for
            status 0: OK
              memory that counts when it is touched no, {HostNeeds.Commitment}
            no large pages of memory files
            status 0: OK
              guest RAM in pages of 2 MiB no, {HostNeeds.LargePages}
            no low addresses
            status 1: lilyvm: {HostNeeds.LowAddresses}
              addresses from 64 KiB no: {HostNeeds.LowAddresses}

            """;
        Assert.True((0, expected) == (result.Status, result.Output), $"status {result.Status}\n{result.Output}{result.Error}");
    }
}
