using LilyVM.Audit;
using LilyVM.Boot;

namespace LilyVM.Tests.Linux;

/// <summary>What the x86-64 recipe makes, as files.</summary>
public class X64LinuxBuildTests(X64LinuxFixture linux)
{
    [Fact]
    public void The_oracle_is_not_converted_and_the_kernel_is()
    {
        Assert.False(ConversionNotes.Read(Elf.Load(linux.Files.Oracle!)).IsConverted);
        ConversionNotes notes = ConversionNotes.RequireConverted(Elf.Load(linux.Files.Kernel));
        Assert.Equal(GuestArchitecture.X64, notes.Architecture);
        Assert.True(notes.Rewritten > 3000, $"only {notes.Rewritten} instructions were rewritten");
    }

    [Fact]
    public void The_allow_list_names_what_is_left_and_nothing_else()
    {
        AuditReport report = KernelAudit.Run(Elf.Load(linux.Files.Kernel), AllowList.Load(linux.Recipe.AllowList));
        Assert.True(report.Passed);
        Assert.Empty(report.UnusedEntries);
        Assert.False(KernelAudit.Run(Elf.Load(linux.Files.Oracle!), []).Passed);
    }

    [Fact]
    public void Both_kernels_lie_in_the_lower_half_alone()
    {
        foreach (string file in (string[])[linux.Files.Kernel, linux.Files.Oracle!])
            Assert.All(Elf.Load(file).Segments, s => Assert.InRange(s.VirtualAddress, 0UL, 0x7effffffUL));
    }
}
