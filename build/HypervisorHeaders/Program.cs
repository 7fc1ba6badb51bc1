extern alias X64;

using System.Text;
using LilyVM.Build;
using LilyVM.Hypervisor;

// Usage: HypervisorHeaders user|user-x64|kernel FILE: writes offsets of fields, sizes and addresses that assembly, C and C# share.
if (args.Length != 2 || args[0] is not ("user" or "user-x64" or "kernel"))
{
    Console.Error.WriteLine("usage: HypervisorHeaders user|user-x64|kernel FILE");
    return 2;
}

var header = new Header((args[0] == "user-x64" ? typeof(X64::LilyVM.Hypervisor.CpuidEntry) : typeof(CpuidEntry)).Assembly);
header.Structure("Guest.Vcpu", "VCPU_STATE_");
if (args[0] is "user" or "user-x64")
{
    header.Constant("Shared.User.Layout", "Image", "IMAGE_ADDRESS");
    header.Constant("Shared.User.Layout", "Vcpu", "VCPU_ADDRESS");
    if (args[0] == "user-x64")
    {
        header.Constant("Shared.User.Layout", "Crossing", "CROSSING_ADDRESS");
        header.Structure("Shared.User.Crossing", "CROSSING_");
        header.Constant("Shared.User.Crossing", "Window", "CROSSING_WINDOW");
        header.Constant("Shared.User.Layout", "Programs", "PROGRAMS_ADDRESS");
        header.Structure("Shared.User.ProgramPage", "PROGRAMS_");
        header.Constant("Shared.User.ProgramPage", "CommandsAt", "PROGRAMS_COMMANDS");
        header.Structure("Shared.User.ProgramCommand", "COMMAND_");
        header.Constant("Shared.User.ProtectionKeys", "ProgramRights", "PROGRAM_KEY_RIGHTS");
    }
}
else
{
    header.Constants("Shared.Kernel.KernelLayout", "LILY_");
    header.Constants("Shared.Kernel.ImageHeader", "LILY_IMAGE_");
    header.Constants("Shared.Kernel.ModuleInterface", "LILY_IOCTL_");
    header.Enumeration("Shared.Kernel.HostService", "LILY_SERVICE_");
    header.Structure("Shared.Kernel.SwitchContext", "CONTEXT_");
    header.Structure("Engines.Kernel.KernelMachine", "MACHINE_");
    header.Structure("Shared.Kernel.RunRecord", "RECORD_");
    header.Enumeration("Shared.Kernel.KernelCounter", "COUNTER_");
    header.StructureInC("Shared.Kernel.SwitchContext", "lily_context");
    header.StructureInC("Shared.Kernel.ImageHeader", "lily_image_header");
    header.StructureInC("Shared.Kernel.CreateArgument", "lily_create_argument");
    header.Constants("Shared.Kernel.KvmInterface", "LILY_KVM_");
    header.Enumeration("Shared.Kernel.KvmService", "LILY_KVM_SERVICE_");
    header.Structure("Shared.Kernel.KvmHeader", "LILY_KVM_HEADER_");
    header.StructureInC("Shared.Kernel.KvmHeader", "lily_kvm_header");
}

// An unchanged header keeps its time stamp, so that incremental builds of native code stay quiet.
string text = header.ToString();
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(args[1]))!);
if (!File.Exists(args[1]) || File.ReadAllText(args[1], Encoding.UTF8) != text)
    File.WriteAllText(args[1], text);
return 0;
