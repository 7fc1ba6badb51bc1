using System.CommandLine;
using System.Text;

namespace LilyVM.Cli.Help;

/// <summary>
/// Completion for the shells that people have, made from the tree of commands: the commands and options of where the line is, the words of
/// an option that takes one of a few, else files.
/// </summary>
internal static class CompletionScripts
{
    /// <summary>The shells.</summary>
    internal static IReadOnlyDictionary<string, Func<Command, string>> All { get; } = new Dictionary<string, Func<Command, string>>
    {
        ["bash"] = Bash,
        ["zsh"] = Zsh,
        ["fish"] = Fish,
    };

    private static string Bash(Command root) => $$"""
        # bash completion for lilyvm, by `lilyvm help bash`
        _lilyvm()
        {
            local path='' word current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
            for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        {{Paths(root, "path")}}
            done
            COMPREPLY=()
            case "$path:$previous" in
        {{Values(root, "COMPREPLY=($(compgen -W '", "' -- \"$current\")); return")}}
            esac
            case "$path" in
        {{Words(root, "COMPREPLY=($(compgen -W '", "' -- \"$current\"))")}}
            esac
        }
        complete -o default -F _lilyvm lilyvm

        """;

    private static string Zsh(Command root) => $$"""
        #compdef lilyvm
        # zsh completion for lilyvm, by `lilyvm help zsh`
        _lilyvm()
        {
            local cursor=$CURRENT word place='' previous=${words[CURRENT-1]}
            for word in "${(@)words[2,cursor-1]}"; do
        {{Paths(root, "place")}}
            done
            case "$place:$previous" in
        {{Values(root, "compadd -- ", "; return")}}
            esac
            case "$place" in
        {{Words(root, "compadd -- ", "")}}
            esac
            _files
        }
        compdef _lilyvm lilyvm

        """;

    private static string Fish(Command root)
    {
        var script = new StringBuilder("# fish completion for lilyvm, by `lilyvm help fish`\n");
        foreach (CommandNode node in CommandNode.All(root))
        {
            string seen = string.Concat(node.Path.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(w => $"__fish_seen_subcommand_from {w}; and "));
            string below = string.Join(' ', node.Commands.Select(c => c.Name));
            string where = below.Length == 0 ? $"{seen}true" : $"{seen}not __fish_seen_subcommand_from {below}";
            foreach (Command command in node.Commands)
                script.Append($"complete -c lilyvm -f -n {Quoted(where)} -a {command.Name} -d {Quoted(command.Description ?? "")}\n");
            foreach (Option option in node.Options)
            {
                script.Append($"complete -c lilyvm -n {Quoted(where)}");
                foreach (string name in CommandNode.Names(option))
                    script.Append(name.StartsWith("--", StringComparison.Ordinal) ? $" -l {name[2..]}" : $" -s {name[1..]}");
                if (CommandNode.TakesValue(option))
                    script.Append(CommandNode.Values(option) is [_, ..] values ? $" -x -a {Quoted(string.Join(' ', values))}" : " -r");
                script.Append($" -d {Quoted(option.Description ?? "")}\n");
            }
        }
        return script.ToString();
    }

    // A word that names a command below the place takes the place there.
    private static string Paths(Command root, string variable)
    {
        var cases = new StringBuilder($"        case \"${variable}:$word\" in\n");
        foreach (CommandNode node in CommandNode.All(root))
        {
            foreach (Command command in node.Commands)
                cases.Append($"        '{node.Path}:{command.Name}') {variable}='{$"{node.Path} {command.Name}".TrimStart()}' ;;\n");
        }
        return cases.Append("        esac").ToString();
    }

    private static string Values(Command root, string before, string after)
    {
        IEnumerable<string> cases =
            from node in CommandNode.All(root)
            from option in node.Options
            where CommandNode.TakesValue(option)
            let values = string.Join(' ', CommandNode.Values(option))
            let action = values.Length > 0 ? before + values + after : "return" // files
            select $"    {string.Join('|', CommandNode.Names(option).Select(n => $"'{node.Path}:{n}'"))}) {action} ;;";
        return string.Join('\n', cases);
    }

    private static string Words(Command root, string before, string after) => string.Join('\n', CommandNode.All(root).Select(node =>
        $"    '{node.Path}') " +
        $"{before}{string.Join(' ', node.Commands.Select(c => c.Name).Concat(node.Options.Select(o => o.Name)))}{after} ;;"));

    private static string Quoted(string text) =>
        "'" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";
}
