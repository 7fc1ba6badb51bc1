namespace LilyVM;

/// <summary>No engine runs this guest directly on this host; QEMU can run it.</summary>
public class NotDirectlyException : LilyVMException
{
    /// <summary>Creates the error.</summary>
    /// <param name="fact">Why, as the beginning of a sentence.</param>
    /// <param name="message">The whole sentence.</param>
    protected NotDirectlyException(string fact, string message)
        : base(message) => Reason = fact;

    /// <summary>Why, without what to do.</summary>
    public string Reason { get; }
}
