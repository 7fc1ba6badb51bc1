namespace LilyVM;

/// <summary>
/// A folder of the host's that a guest shares, by virtiofs: what one writes the other sees. Debian's virtiofsd serves it, with this user's
/// rights and no others.
/// </summary>
/// <param name="Folder">The folder.</param>
/// <param name="Tag">
/// The name by which the guest mounts it (<c>mount -t virtiofs TAG PLACE</c>), 1 to 36 bytes, each another one. The prepared Linux mounts
/// it by itself: at this path if it begins with a slash, otherwise at /mnt/TAG.
/// </param>
/// <param name="ReadOnly">The guest cannot write.</param>
public sealed record ShareOptions(string Folder, string Tag, bool ReadOnly = false);
