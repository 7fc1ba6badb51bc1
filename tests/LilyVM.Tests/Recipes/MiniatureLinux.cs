using LilyVM.Cli.Guests;
using LilyVM.Tests.Support;

namespace LilyVM.Tests.Recipes;

/// <summary>
/// A recipe and a "kernel" of five assembly files whose Makefile answers to what the recipe calls of Linux's. It builds in a second, so
/// that what can happen to a build can happen in tests.
/// </summary>
internal sealed class MiniatureLinux : IDisposable
{
    private const int Parts = 5;
    private readonly LinuxRecipe recipe;
    private readonly ScratchFolder scratch;
    private readonly StringWriter told = new();

    /// <summary>In a folder of that name; project and cache lie in it.</summary>
    public MiniatureLinux(LinuxRecipe recipe, string name = "plain")
    {
        this.recipe = recipe;
        scratch = new ScratchFolder(name);
        foreach (string shared in (string[])["src", "artifacts"])
            Directory.CreateSymbolicLink(scratch[shared], Path.Combine(Repository.Root, shared));
        // Debian's busybox is downloaded once for all tests.
        Directory.CreateDirectory(scratch["cache"]);
        Directory.CreateSymbolicLink(scratch["cache/packages"], GuestCache.Find().SharedDirectory("packages"));
        WriteRecipe("kernel.config", "CONFIG_MINIATURE=y\n");
        WriteRecipe("pass-through.txt", "nothing/*\n");
        WriteRecipe("source-exclude.txt", "excluded/*\n");
        File.Copy(Path.Combine(Repository.Root, "guests/linux/large-pages.c"), scratch["guests/linux/large-pages.c"]);
        WriteOwn("kernel.config", "CONFIG_OWN=y\n");
        WriteOwn("audit-allow.txt", "# nothing\n");
        WriteRecipe("initrd/init", "#!/bin/sh\n");
        WriteRecipe("initrd/scripts/one", "#!/bin/sh\n");
        WriteRecipe("faults/shared.h", "extern int nothing;\n");
        WriteOwn("faults/none.c", "#include \"shared.h\"\nvoid _start(void) { for (;;); }\n");
        for (int part = 1; part <= Parts; part++)
            WritePart(part, $"cli; sti; hlt; {(recipe == LinuxRecipe.I386 ? "movl %eax" : "movq %rax")}, %cr3; ret");
    }

    /// <summary>While this file is there, the compilation of part 3 kills make.</summary>
    public string Interrupter => scratch["interrupter"];

    /// <summary>The parts that were compiled, in order, over all builds.</summary>
    public IEnumerable<int> Compiled => File.ReadLines(scratch["compiled"]).Select(int.Parse);

    /// <summary>What the builds told their user.</summary>
    public string Told => told.ToString();

    /// <summary>The work folders of builds that did not end well.</summary>
    public IEnumerable<string> Unfinished => Cache.Roots().Select(r => Path.Combine(r, "building")).Where(Directory.Exists)
        .SelectMany(Directory.EnumerateDirectories).Where(f => Directory.Exists(Path.Combine(f, "twin")));

    /// <summary>Its cache.</summary>
    public GuestCache Cache => new(scratch["cache"]);

    public void WriteRecipe(string name, string text) => scratch.Write("guests/linux/" + name, text);

    /// <summary>Writes a file that is this recipe's own.</summary>
    public void WriteOwn(string name, string text) => WriteRecipe($"{recipe.Folder}/{name}", text);

    public void WritePart(int number, string code) =>
        scratch.Write($"miniature/part{number}.S",
            $".text\n.globl part{number}\n.type part{number}, @function\npart{number}: {code}\n.size part{number}, . - part{number}\n");

    /// <summary>Exchanges the preprocessor for a program that takes its place, or for nothing.</summary>
    public void ReplaceAssembler(string? program)
    {
        File.Delete(scratch["artifacts"]);
        Directory.CreateDirectory(scratch["artifacts/lily-as"]);
        if (program is not null)
            File.CreateSymbolicLink(scratch["artifacts/lily-as/as"], program);
    }

    public LinuxFiles Build() => Guest().Build(withOracle: true, jobs: 1);

    public LinuxFiles Find() => Guest().Find(withOracle: true);

    public void Dispose()
    {
        if (PlainFolder.StandInFor(Cache.Root) is { } standIn && Directory.Exists(standIn))
            Directory.Delete(standIn, recursive: true);
        scratch.Dispose();
    }

    private LinuxGuest Guest() =>
        new(new RecipeFiles(new ProjectFiles(scratch.Path), recipe), Cache, new LineProgress(told))
        {
            GetSource = (_, _, _) => Pack(),
            FindSource = (_, _) => Pack()
        };

    private LinuxSource Pack()
    {
        scratch.Write("miniature/excluded/file", "");
        string compiled = scratch["compiled"];
        scratch.Write("miniature/Makefile", $"""
            ifneq ($(words $(subst :, ,$(O) $(CURDIR))), 2)
            $(error main directory cannot contain spaces nor colons)
            endif
            ifeq ($(ARCH), i386)
            bits := -m32
            link := ld -m elf_i386 -Ttext=0xc1000000 -e 0xc1000000
            endif
            ifeq ($(ARCH), x86_64)
            bits := -m64
            link := ld -m elf_x86_64 -Ttext=0x41000000 -e 0x41000000
            endif
            parts := $(foreach n,{string.Join(' ', Enumerable.Range(1, Parts))},$(O)/part$(n).o)
            allnoconfig:
            	sed /CONFIG_DROPPED/d $(KCONFIG_ALLCONFIG) >$(O)/.config
            vmlinux: $(O)/vmlinux
            $(O)/part%.o: part%.S
            	@echo "  AS      part$*.o"
            	@if [ $* = 3 ] && [ -e '{Interrupter}' ]; then kill -9 $$PPID; fi
            	@echo $* >>'{compiled}'
            	cd $(O) && $(CC) $(bits) -c -o part$*.o $(CURDIR)/part$*.S
            $(O)/vmlinux: $(parts)
            	@echo "  LD      vmlinux"
            	$(link) -z noexecstack -o $@ $(parts)
            """);
        string archive = scratch["miniature.tar"];
        Assert.Equal(0, Command.Run("tar", ["-c", "-f", archive, "-C", scratch.Path, "--sort=name", "--mtime=@0", "miniature"]).Status);
        using var key = new CacheKey();
        return new LinuxSource(archive, key.AddFiles("archive", archive).ToString());
    }
}
