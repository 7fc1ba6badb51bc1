using System.CommandLine;
using LilyVM.Cli.Guests;

namespace LilyVM.Cli;

internal static class Program
{
    private static int Main(string[] args)
    {
        var root = new RootCommand("LilyVM runs a whole IA-32 operating system as an ordinary process.")
        {
            GuestCommand.Create(),
        };
        return root.Parse(args).Invoke();
    }
}
