namespace LilyVM.Boot;

/// <summary>
/// The modules of a multiboot kernel: which files, and where they go, each at a page of its own behind the kernel and the module before it.
/// </summary>
internal static class ModuleFiles
{
    private const ulong PageSize = 0x1000;

    /// <summary>All that were asked for.</summary>
    /// <exception cref="LilyVMException">The kernel takes none.</exception>
    internal static IReadOnlyList<ModuleOptions> Of(KernelImage kernel, string? initrd, IReadOnlyList<ModuleOptions> modules)
    {
        if (kernel.IsMultiboot)
            return [.. initrd is null ? [] : ModuleOptions.ParseList(initrd), .. modules];
        return modules.Count == 0
            ? []
            : throw new LilyVMException($"{kernel.Name} has no multiboot header, so it takes no modules; give it a RAM disk instead.");
    }

    /// <summary>Reads them, each for its place below <paramref name="end"/>.</summary>
    /// <exception cref="LilyVMException">One cannot be read, or does not fit.</exception>
    internal static IReadOnlyList<LoadedModule> Read(GuestFiles files, KernelImage kernel, IReadOnlyList<ModuleOptions> modules, uint end)
    {
        var loaded = new List<LoadedModule>();
        ulong at = kernel.End;
        foreach (ModuleOptions module in modules)
        {
            at = (at + PageSize - 1) & ~(PageSize - 1);
            ulong room = at < end ? end - at : 0;
            // Before so much is read.
            RequireFits(module, new FileInfo(module.Path) is { Exists: true } file ? (ulong)file.Length : 0, room);
            ReadOnlyMemory<byte> bytes = files.Read(module.Path, "the module ");
            RequireFits(module, (ulong)bytes.Length, room);
            loaded.Add(new LoadedModule(new PlacedModule((uint)at, (uint)bytes.Length, module.Text), bytes));
            at += (ulong)bytes.Length;
        }
        return loaded;
    }

    private static void RequireFits(ModuleOptions module, ulong bytes, ulong room)
    {
        if (bytes > room)
            throw new LilyVMException($"The module {module.Path} ({bytes >> 20} MiB) does not fit into memory behind the kernel; give " +
                "the guest more memory.");
    }
}

/// <summary>A module that was read.</summary>
/// <param name="Place">Where it goes.</param>
/// <param name="Bytes">What it holds.</param>
internal sealed record LoadedModule(PlacedModule Place, ReadOnlyMemory<byte> Bytes);
