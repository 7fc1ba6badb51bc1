using System.CommandLine;
using LilyVM.Audit;
using LilyVM.Boot;

namespace LilyVM.Cli.Commands;

/// <summary>lilyvm audit: what the preprocessor missed in a linked kernel.</summary>
internal static class AuditCommand
{
    internal static Command Create()
    {
        var kernel = new Argument<string>("kernel") { Description = "The linked kernel, an ELF file (Linux: vmlinux)." };
        var allow = new Option<string?>("--allow") { Description = "Allow-list: lines of symbol, mnemonic and reason.", HelpName = "file" };
        var baseline = new Option<string?>("--baseline")
        {
            Description = "The same kernel unconverted, to tell how much text was added.",
            HelpName = "file",
        };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(
            "audit", "Disassemble a kernel and report every sensitive instruction that is left; exit status 1 if there is one.")
        {
            kernel, allow, baseline, json,
        };
        command.SetAction(parsed =>
        {
            IReadOnlyList<AllowEntry> entries = parsed.GetValue(allow) is { } list ? AllowList.Load(list) : [];
            AuditReport report = KernelAudit.Run(Elf.Load(parsed.GetRequiredValue(kernel)), entries);
            long? unconverted = parsed.GetValue(baseline) is { } file ? KernelAudit.TextBytes(Elf.Load(file)) : null;
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
                AuditJson.Write(report, unconverted, output);
            else
                AuditTable.Write(report, unconverted, output);
            return report.Passed ? 0 : Program.Failure;
        });
        return command;
    }
}
