using System.CommandLine;

namespace LilyVM.Cli.Guests;

/// <summary>lilyvm guest: builds and finds prepared guests.</summary>
internal static class GuestCommand
{
    internal static Command Create() => new("guest", "Build and find prepared guests.");
}
