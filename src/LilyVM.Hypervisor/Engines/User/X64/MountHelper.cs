using LilyVM.Hypervisor.Shared.User;

namespace LilyVM.Hypervisor.Engines.User;

/// <summary>
/// Another life of a stub's image: a process that mounts a tmpfs of large pages for the VM process, sends the mount, which is nowhere in
/// the file system, through a socket, and ends. So a seccomp profile that ends who mounts does not end the VM process. For a user who may
/// not mount it first makes a user namespace in which it may, and maps its own user and group there, since files can only be made by
/// somebody who is known in the file system's namespace. What fails is the caller's matter: it gets no mount. Safe: all memory is this
/// process's own.
/// </summary>
internal static unsafe class MountHelper
{
    private const int Read = 0, Write = 1, Open = 2, Close = 3, SendMessage = 46, Prctl = 157, GetUser = 107, GetGroup = 108, Unshare = 272;
    private const int OpenFileSystem = 430, Configure = 431, Mount = 432; // fsopen, fsconfig, fsmount
    private const ulong WriteOnly = 1, DeathSignal = 1, KillSignal = 9, UserNamespace = 0x1000_0000, MountNamespace = 0x2_0000;
    private const ulong SetString = 1, Create = 6, SocketLevel = 1, Rights = 1;

    // Room for what a map says: "0 ", a number, " 1".
    private struct Line
    {
        public ulong W0, W1, W2, W3;
    }

    // struct msghdr with one piece of data, and struct cmsghdr with one descriptor.
    private struct Message
    {
        public ulong Name, NameBytes, Pieces, PieceCount, Control, ControlBytes, Flags;
    }

    private struct Piece
    {
        public ulong Start, Bytes;
    }

    private struct ControlMessage
    {
        public ulong Bytes;
        public int Level, Type;
        public ulong Descriptor;
    }

    /// <summary>All it does, by its only argument. Exit status 0: the mount was sent.</summary>
    public static void Run(byte* argument)
    {
        Host.Call(Prctl, DeathSignal, KillSignal);
        if (*argument == Layout.InNamespace)
            EnterNamespace();
        int mount = MountTmpfs();
        Host.Leave(mount >= 0 && Send(mount) ? 0 : 1);
    }

    private static void EnterNamespace()
    {
        ulong user = (ulong)Host.Call(GetUser), group = (ulong)Host.Call(GetGroup);
        if (Host.Call(Unshare, UserNamespace | MountNamespace) != 0)
            Host.Leave(1);
        fixed (byte* refusal = "/proc/self/setgroups\0"u8, word = "deny"u8)
            Put(refusal, word, 4);
        fixed (byte* users = "/proc/self/uid_map\0"u8, groups = "/proc/self/gid_map\0"u8)
        {
            Map(users, user);
            Map(groups, group);
        }
    }

    private static int MountTmpfs()
    {
        fixed (byte* type = "tmpfs\0"u8, huge = "huge\0"u8, always = "always\0"u8, size = "size\0"u8, unlimited = "0\0"u8)
        {
            nint context = Host.Call(OpenFileSystem, (ulong)type);
            if (context < 0
                || Host.Call(Configure, (ulong)context, SetString, (ulong)huge, (ulong)always) != 0
                || Host.Call(Configure, (ulong)context, SetString, (ulong)size, (ulong)unlimited) != 0
                || Host.Call(Configure, (ulong)context, Create) != 0)
                return -1;
            return (int)Host.Call(Mount, (ulong)context);
        }
    }

    private static bool Send(int mount)
    {
        byte data = 0;
        Piece piece;
        piece.Start = (ulong)&data;
        piece.Bytes = 1;
        ControlMessage control;
        control.Bytes = 16 + sizeof(int);
        control.Level = (int)SocketLevel;
        control.Type = (int)Rights;
        control.Descriptor = (uint)mount;
        Message message;
        message.Name = message.NameBytes = message.Flags = 0;
        message.Pieces = (ulong)&piece;
        message.PieceCount = 1;
        message.Control = (ulong)&control;
        message.ControlBytes = (ulong)sizeof(ControlMessage);
        return Host.Call(SendMessage, Layout.HelperSocket, (ulong)&message) == 1;
    }

    // "0 NUMBER 1": this user is the namespace's first, and its only one.
    private static void Map(byte* file, ulong number)
    {
        Line line;
        byte* end = (byte*)&line + sizeof(Line), at = end;
        *--at = (byte)'1';
        *--at = (byte)' ';
        do
        {
            *--at = (byte)('0' + number % 10);
            number /= 10;
        }
        while (number != 0);
        *--at = (byte)' ';
        *--at = (byte)'0';
        Put(file, at, (ulong)(end - at));
    }

    private static void Put(byte* file, byte* text, ulong bytes)
    {
        nint descriptor = Host.Call(Open, (ulong)file, WriteOnly);
        Host.Call(Write, (ulong)descriptor, (ulong)text, bytes);
        Host.Call(Close, (ulong)descriptor);
    }
}
