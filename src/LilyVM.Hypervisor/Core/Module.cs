// No locals are cleared on entry: the freestanding build must not use SSE, which clearing of larger ones does.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
