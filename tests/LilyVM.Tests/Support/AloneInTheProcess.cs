namespace LilyVM.Tests.Support;

/// <summary>Tests that look at what the whole process has: no others run beside them.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public static class AloneInTheProcess;
