namespace LilyVM;

/// <summary>What keeps the programs of an x86-64 guest from their own kernel. The host is protected from both in any case.</summary>
public enum IsolationLevel
{
    /// <summary><see cref="Keys"/> where the host has protection keys, else <see cref="None"/>.</summary>
    Auto,

    /// <summary>
    /// Protection keys of the processor: a program that reads or writes what is its kernel's or the engine's gets a page fault. One that
    /// changes PKRU, or calls into the kernel, can do as it likes: this stops accidents.
    /// </summary>
    Keys,

    /// <summary>
    /// Programs in processes of their own, which have nothing of the kernel: no program gets at it, whatever it does. System calls and page
    /// faults are several times slower, above all where one CPU has to do for both.
    /// </summary>
    Process,

    /// <summary>Nothing but what the guest's page tables say of pages that nobody has used yet.</summary>
    None,
}
