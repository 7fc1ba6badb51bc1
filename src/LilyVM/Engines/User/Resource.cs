namespace LilyVM.Engines.User;

/// <summary>Native images inside this assembly.</summary>
internal static class Resource
{
    /// <summary>All bytes of one.</summary>
    internal static byte[] Read(string name)
    {
        using Stream stream = typeof(Resource).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not in this assembly.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
