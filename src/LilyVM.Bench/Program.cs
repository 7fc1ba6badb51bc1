using System.CommandLine;
using System.CommandLine.Help;
using LilyVM.Bench.Lab;

namespace LilyVM.Bench;

/// <summary>The bench command. Users' mistakes end in one sentence on standard error; only a bug of ours shows a stack trace.</summary>
internal static class Program
{
    internal const int Failure = 1, WrongUsage = 2;

    private static int Main(string[] args) => Run(args, Console.Out, Console.Error);

    internal static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter errors)
    {
        var lab = new Option<bool>("--lab")
        {
            Description = "In the lab, in instructions: the kernel engine with its policies, the user engine, the lab's host and a " +
                "bare machine.",
        };
        var quick = new Option<bool>("--quick") { Description =
            "The host and the user engine only, one architecture, a part of GNU awk, shorter rounds: under three minutes. With --lab " +
        "no policies and no compilation." };
        var json = new Option<string?>("--json") { Description = "Also write all figures to this file.", HelpName = "file" };
        var plots = new Option<string?>("--plots")
        {
            Description = "Also draw the figures into this folder, as PNG and SVG.",
            HelpName = "folder"
        };
        var repetitions = new Option<int>("--repetitions")
        {
            Description = "How often each contender has its turn.",
            HelpName = "n",
            DefaultValueFactory = _ => 5,
        };
        repetitions.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, out int number) && number > 0))
                result.AddError("--repetitions takes a number from 1.");
        });
        var only = new Option<string[]>("--only")
        {
            Description = "Only these contenders: native, native-thp, user, uml, qemu, gvisor; with --lab bare, lab-native, lab-user, " +
                "lab-kernel, lab-kernel-MMU-FPU.",
            HelpName = "name",
            AllowMultipleArgumentsPerToken = true,
        };
        string[] names = [.. BenchTarget.All.Select(t => t.Name)];
        var architecture = new Option<string?>("--arch")
        {
            Description = "Architecture of the guests, and of the host's programs that they are compared with; without it each whose " +
                "guests this host runs directly.",
            HelpName = string.Join('|', names),
        };
        architecture.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !names.Contains(result.Tokens[0].Value))
                result.AddError($"--arch takes one of {string.Join(", ", names)}.");
        });
        var report = new Option<string?>("--report")
        {
            Description = "Measure nothing: tell the figures in this file, which --json wrote, as Markdown, and with --plots draw them.",
            HelpName = "file",
        };
        var fresh = new Option<bool>("--fresh") { Description = "Begin anew instead of going on with an interrupted run." };
        var command = new Command(
            "bench",
            "The experiment: primitives, a compilation of GNU awk, boot and memory, compared with the host and with other ways to run " +
            "this system.")
        {
            new HelpOption(), architecture, lab, quick, json, plots, repetitions, only, report, fresh,
        };
        command.Validators.Add(result =>
        {
            foreach (Option other in (Option[])[architecture, report])
            {
                if (result.GetValue(lab) && result.GetResult(other) is not null)
                    result.AddError($"{other.Name} does not work with --lab; leave one of them out.");
            }
        });
        command.Validators.Add(result =>
        {
            if (result.GetValue(lab) && result.GetResult(repetitions) is { Implicit: false })
                result.AddError("--repetitions does not work with --lab, where counts are the same each time; leave one of them out.");
        });
        ParseResult parsed = command.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            string problem = parsed.UnmatchedTokens.Count > 0
                ? $"'{parsed.UnmatchedTokens[0]}' is not understood"
                : parsed.Errors[0].Message.TrimEnd('.');
            errors.WriteLine($"lilyvm: {problem}; see lilyvm bench --help.");
            return WrongUsage;
        }
        command.SetAction(p =>
        {
            var options = new BenchOptions(
                p.GetValue(lab), p.GetValue(quick), p.GetValue(json), p.GetValue(plots), p.GetValue(repetitions), p.GetValue(only) ?? [],
                p.GetValue(architecture) is { } name ? BenchTarget.Of(name) : null, p.GetValue(report), p.GetValue(fresh));
            (ProjectFiles files, GuestCache cache, StepProgress progress) =
                (ProjectFiles.Find(), GuestCache.Find(), StepProgress.ForConsole());
            bool good = options.Lab ? new LabBench(options, files, cache, progress).Run(output)
                : new BenchCommand(options, files, cache, progress).Run(output);
            return good ? 0 : Failure;
        });
        try
        {
            return command.Parse(args).Invoke(new InvocationConfiguration
            {
                Output = output,
                Error = errors,
                EnableDefaultExceptionHandler = false
            });
        }
        catch (Exception e) when (e is LilyVMException or IOException or UnauthorizedAccessException)
        {
            errors.WriteLine("lilyvm: " + e.Message);
            return Failure;
        }
    }
}
