namespace LilyVM;

/// <summary>An error that its user can do something about. The message is one sentence: what is wrong and what to do.</summary>
public class LilyVMException : Exception
{
    /// <summary>Creates the error with its sentence.</summary>
    public LilyVMException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error with its sentence and what caused it.</summary>
    public LilyVMException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
