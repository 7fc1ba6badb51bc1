using LilyVM.Cli.Guests;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Recipes;

public sealed class CompilerMemoryTests : IDisposable
{
    // Takes pools as gcc's collector does, gives part of one back, writes what is left, and prints whether two pools lie side by side as
    // the pieces of one reservation do.
    private const string Collector = """
        #include <stdio.h>
        #include <string.h>
        #include <sys/mman.h>
        enum { POOL = 2 << 20, POOLS = 40 };
        int main(void)
        {
            char *pools[POOLS];
            for (int i = 0; i < POOLS; i++) {
                pools[i] = mmap(NULL, POOL - 4000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                if (pools[i] == MAP_FAILED || pools[i][POOL - 4001])
                    return 1;
                memset(pools[i], i + 1, POOL - 4000);
            }
            for (int i = 0; i < POOLS; i += 2)
                if (munmap(pools[i], POOL))
                    return 2;
            for (int i = 1; i < POOLS; i += 2)
                for (int j = 0; j < POOL - 4000; j += 512)
                    if (pools[i][j] != i + 1)
                        return 3;
            puts(pools[1] - pools[0] == POOL && !((unsigned long)pools[0] % POOL) ? "side by side" : "anywhere");
            return 0;
        }
        """;

    private readonly ScratchFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Theory]
    [InlineData("cc1", "side by side")]
    [InlineData("make", "anywhere")]
    public void Only_the_compiler_gets_its_pools_from_aligned_reservations(string name, string expected)
    {
        scratch.Write("collector.c", Collector);
        Assert.Equal(0, Command.Run("gcc", ["-O1", "-o", scratch[name], scratch["collector.c"]]).Status);
        CompilerMemory memory = CompilerMemory.Make(
            new RecipeFiles(new ProjectFiles(Repository.Root), LinuxRecipe.Default), scratch.Path);
        Command.Result result = Command.Run(scratch[name], [], environment: memory.Environment);
        Assert.Equal((0, expected, ""), (result.Status, result.Output.Trim(), result.Error));
    }
}
