using System.Text;
using LilyVM.Build;
using LilyVM.Hypervisor;

// Usage: HypervisorHeaders user|kernel FILE: writes offsets of fields, sizes and addresses that assembly, C and C# share.
if (args.Length != 2 || args[0] is not ("user" or "kernel"))
{
    Console.Error.WriteLine("usage: HypervisorHeaders user|kernel FILE");
    return 2;
}

var header = new Header(typeof(CpuidEntry).Assembly);
header.Structure("Vcpu", "VCPU_STATE_");
if (args[0] == "user")
{
    header.Constant("User.Layout", "Image", "IMAGE_ADDRESS");
    header.Constant("User.Layout", "Machine", "MACHINE_ADDRESS");
}
else
{
    header.Constants("Kernel.KernelLayout", "LILY_");
    header.Constants("Kernel.ImageHeader", "LILY_IMAGE_");
    header.Constants("Kernel.ModuleInterface", "LILY_IOCTL_");
    header.Enumeration("Kernel.HostService", "LILY_SERVICE_");
    header.Structure("Kernel.SwitchContext", "CONTEXT_");
    header.Structure("Kernel.KernelMachine", "MACHINE_");
    header.Structure("Kernel.RunRecord", "RECORD_");
    header.Enumeration("Kernel.KernelCounter", "COUNTER_");
    header.StructureInC("Kernel.SwitchContext", "lily_context");
    header.StructureInC("Kernel.ImageHeader", "lily_image_header");
    header.StructureInC("Kernel.CreateArgument", "lily_create_argument");
    header.Constants("Kernel.KvmInterface", "LILY_KVM_");
    header.Enumeration("Kernel.KvmService", "LILY_KVM_SERVICE_");
    header.Structure("Kernel.KvmHeader", "LILY_KVM_HEADER_");
    header.StructureInC("Kernel.KvmHeader", "lily_kvm_header");
}

// An unchanged header keeps its time stamp, so that incremental builds of native code stay quiet.
string text = header.ToString();
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(args[1]))!);
if (!File.Exists(args[1]) || File.ReadAllText(args[1], Encoding.UTF8) != text)
    File.WriteAllText(args[1], text);
return 0;
