namespace LilyVM.Tests.Cli;

/// <summary>Each option wrong in each way: one sentence, a status, and nothing begun.</summary>
public sealed class WrongWordsTests
{
    private const string K = "/nonexistent"; // where a kernel would be, were it come to it

    [Theory]
    // Unknown words, and the nearest.
    [InlineData("'bot' is not understood, perhaps boot is meant; see lilyvm --help.", "bot")]
    [InlineData("'zzz' is not understood; see lilyvm --help.", "zzz")]
    [InlineData("'-hda' is an option of `lilyvm run` and `lilyvm boot`, whose name comes first; see lilyvm --help.", "-hda", "x")]
    [InlineData("'-kernel' is an option of `lilyvm run` and `lilyvm boot`, whose name comes first; see lilyvm --help.", "-kernel", "x")]
    [InlineData("'--jsno' is not understood, perhaps --json is meant; see lilyvm stats --help.", "stats", "f", "--jsno")]
    [InlineData("'--memmory=1G' is not understood, perhaps --memory is meant; see lilyvm boot --help.", "boot", "--memmory=1G")]
    [InlineData("'-memory' is not understood, perhaps --memory is meant; see lilyvm run --help.", "run", "-memory", "1G")]
    [InlineData("'-nographics' is not understood, perhaps -nographic is meant; see lilyvm boot --help.", "boot", "-nographics")]
    [InlineData("'-hde' is not understood, perhaps -hda is meant; see lilyvm run --help.", "run", "-hde", "x")]
    [InlineData("'disk.img' is not understood, as lilyvm boot takes options only; see lilyvm boot --help.", "boot", "disk.img")]
    [InlineData("'y' is not understood, as lilyvm run takes options only; see lilyvm run --help.", "run", "--drive", "x", "y")]
    [InlineData("'-m' is not understood, perhaps --memory is meant; see lilyvm lab --help.", "lab", "-m", "1G", "--", "true")]
    [InlineData("'-j4' is not understood, write -j 4; see lilyvm guest build --help.", "guest", "build", "linux", "-j4")]
    [InlineData("'-hda' is not understood; see lilyvm doctor --help.", "doctor", "-hda", "x")]
    [InlineData("'/h' is not understood, as lilyvm doctor takes options only; see lilyvm doctor --help.", "doctor", "/h")]
    [InlineData("'@file' is not understood; see lilyvm --help.", "@file")]
    [InlineData("No command is given; see lilyvm --help.")]
    [InlineData("No command is given; see lilyvm --help.", "[parse]")] // the library's way to have the words shown
    [InlineData("No command is given; see lilyvm guest --help.", "guest")]
    [InlineData("'--memroy' is not understood, perhaps --memory is meant; see lilyvm lab --help.", "lab", "--memroy", "1G", "--", "true")]
    [InlineData("'--jsno' is not understood, perhaps --json is meant; see lilyvm stats --help.", "stats", "--jsno")]
    [InlineData("There is no help on 'bot', perhaps boot is meant; see lilyvm --help.", "help", "bot")]
    [InlineData("There is no help on 'x'; see lilyvm --help.", "help", "boot", "x")]
    // No value, an empty one, twice.
    [InlineData("--kernel has no value; write --kernel file; see lilyvm boot --help.", "boot", "--kernel")]
    [InlineData("--kernel has no value; write --kernel file; see lilyvm run --help.", "run", "--kernel", "--memory", "1G")]
    [InlineData("--kernel has no value; write --kernel file; see lilyvm run --help.", "run", "--kernel", "-nographic")]
    [InlineData("--kernel is empty; write --kernel file; see lilyvm run --help.", "run", "--kernel", "")]
    [InlineData("--kernel is given twice; give it once; see lilyvm run --help.", "run", "--kernel", "x", "--kernel", "y")]
    [InlineData("--initrd has no value; write --initrd file; see lilyvm run --help.", "run", "--kernel", K, "--initrd")]
    [InlineData("--initrd is empty; write --initrd file; see lilyvm run --help.", "run", "--kernel", K, "--initrd=")]
    [InlineData("--initrd is given twice; give it once; see lilyvm run --help.", "run", "--kernel", K, "--initrd", "x", "-initrd", "x")]
    [InlineData("--append has no value; write --append options; see lilyvm run --help.", "run", "--kernel", K, "--append")]
    [InlineData("--append is given twice; give it once; see lilyvm run --help.", "run", "--kernel", K, "--append", "a", "--append", "b")]
    [InlineData("--memory has no value; write --memory size; see lilyvm run --help.", "run", "--kernel", K, "--memory")]
    [InlineData("--memory is empty; write --memory size; see lilyvm run --help.", "run", "--kernel", K, "--memory", "")]
    [InlineData("--memory is given twice; give it once; see lilyvm run --help.", "run", "--kernel", K, "-m", "1G", "--memory", "1G")]
    [InlineData("--drive has no value; write --drive drive; see lilyvm run --help.", "run", "--kernel", K, "--drive")]
    [InlineData("--drive is empty; write --drive drive; see lilyvm run --help.", "run", "--kernel", K, "--drive", "")]
    [InlineData("--net has no value; write --net network; see lilyvm boot --help.", "boot", "--net")]
    [InlineData("--net is empty; write --net network; see lilyvm boot --help.", "boot", "--net", "")]
    [InlineData("--net is given twice; give it once; see lilyvm boot --help.", "boot", "--net", "none", "-nic", "user")]
    [InlineData("--snapshot is given twice; give it once; see lilyvm run --help.", "run", "--kernel", K, "--snapshot", "-snapshot")]
    [InlineData("--console has no value; write --console console; see lilyvm run --help.", "run", "--kernel", K, "--console")]
    [InlineData("--console is given twice; give it once; see lilyvm run --help.", "run", "--kernel", K, "--console", "pty", "-serial",
        "stdio")]
    [InlineData("--counters is given twice; give it once; see lilyvm run --help.", "run", "--kernel", K, "--counters", "--counters=json")]
    [InlineData("--script has no value; write --script file; see lilyvm boot --help.", "boot", "--script")]
    [InlineData("--script is empty; write --script file; see lilyvm boot --help.", "boot", "--script", "")]
    [InlineData("--rootfs has no value; write --rootfs name; see lilyvm boot --help.", "boot", "--rootfs")]
    [InlineData("--arch has no value; write --arch x86_64|i386; see lilyvm boot --help.", "boot", "--arch")]
    [InlineData("--arch is given twice; give it once; see lilyvm boot --help.", "boot", "--arch", "i386", "--arch", "i386")]
    [InlineData("'--arch' is not understood; see lilyvm run --help.", "run", "--arch", "i386")]
    [InlineData("--engine has no value; write --engine auto|kernel|kvm|user; see lilyvm run --help.", "run", "--engine")]
    [InlineData("--engine is given twice; give it once; see lilyvm run --help.", "run", "--kernel", K, "--engine", "user", "-enable-kvm")]
    [InlineData("No image is given; write lilyvm container run IMAGE; see lilyvm container run --help.", "container", "run", "-it")]
    [InlineData("--network takes user or none, not 'host'; see lilyvm container run --help.", "container", "run", "--net=host", "oci:x")]
    [InlineData("'--priveleged' is not understood; see lilyvm container run --help.", "container", "run", "--priveleged", "oci:x")]
    [InlineData("No command is given; see lilyvm container --help.", "container")]
    [InlineData("No kernel is given; write lilyvm audit KERNEL; see lilyvm audit --help.", "audit")]
    [InlineData("No file is given; write lilyvm stats FILE; see lilyvm stats --help.", "stats")]
    // Names that there are not.
    [InlineData("--engine takes auto, kernel, kvm or user, not 'native'; see lilyvm run --help.", "run", "--kernel", K, "--engine",
        "native")]
    [InlineData("--engine takes auto, kernel, kvm, user or native, not 'x'; see lilyvm boot --help.", "boot", "--engine", "x")]
    [InlineData("--rootfs takes debian, not 'fedora'; see lilyvm boot --help.", "boot", "--rootfs", "fedora")]
    [InlineData("--arch takes x86_64 or i386, not 'amd64'; see lilyvm boot --help.", "boot", "--arch", "amd64")]
    [InlineData("--counters takes table or json, not 'xml'; see lilyvm run --help.", "run", "--kernel", K, "--counters=xml")]
    [InlineData("--mmu takes sync, lazy or scan, not 'x'; see lilyvm run --help.", "run", "--kernel", K, "--mmu", "x")]
    [InlineData("--fpu is empty; write --fpu lazy|eager; see lilyvm run --help.", "run", "--kernel", K, "--fpu=")]
    // Numbers.
    [InlineData("--cpus takes a number from 1; see lilyvm lab --help.", "lab", "--cpus", "0", "--", "true")]
    [InlineData("--cpus takes a number from 1; see lilyvm lab --help.", "lab", "--cpus", "-1", "--", "true")]
    [InlineData("--cpus takes a number from 1; see lilyvm lab --help.", "lab", "--cpus", "99999999999", "--", "true")]
    [InlineData("--timeout takes a number from 1; see lilyvm lab --help.", "lab", "--timeout", "x", "--", "true")]
    [InlineData("--jobs takes a number from 1; see lilyvm guest build --help.", "guest", "build", "linux", "--jobs", "-1")]
    public void Words_that_are_not_understood(string sentence, params string[] args) =>
        Assert.Equal((2, "", $"lilyvm: {sentence}\n"), CommandLineTests.Run(args));

    [Theory]
    [InlineData("'-5' is no memory size; give a number and M or G, such as 256M.", "run", "--kernel", K, "--memory", "-5")]
    [InlineData("'1.5G' is no memory size; give a number and M or G, such as 256M.", "run", "--kernel", K, "-m", "1.5G")]
    [InlineData("'512,maxmem=1G' is no memory size; give a number and M or G, such as 256M.", "run", "--kernel", K, "-m",
        "size=512,maxmem=1G")]
    [InlineData("1 MiB of memory are too small for any guest; give it at least 16M.", "boot", "--memory", "1M")]
    [InlineData("0 MiB of memory are too small for any guest; give it at least 16M.", "boot", "--memory", "0")]
    [InlineData("2097152 MiB of memory are more than an x86-64 guest can have; give it at most 1048576M.", "boot", "--memory", "2048G")]
    [InlineData("Guest memory comes in pages of 4 KiB, of which 104858624 bytes are no multiple.", "boot", "--memory", "102401K")]
    [InlineData("5 drives were given; the machine has room for 4.", "boot", "--drive", "a", "--drive", "b", "--drive", "c", "--drive", "d",
        "--drive", "e")]
    [InlineData("4 drives were given; the machine has room for 3.", "boot", "--rootfs", "debian", "-hda", "a", "-hdb", "b", "-hdc", "c",
        "-hdd", "d")]
    [InlineData("The disk format 'x' is unknown; there are raw, qcow2, qcow, qed, vmdk, vdi, vhdx, vpc, parallels, luks, bochs, cloop, "
        + "dmg, and auto, which looks into the file.", "boot", "--drive", "file=/dev/null,format=x")]
    [InlineData("Cannot read the disk image /nonexistent: there is no such file.", "boot", "--drive", "file=/nonexistent,format=qcow2")]
    [InlineData("Cannot read the key file /nonexistent: there is no such file.", "boot", "--drive",
        "file=/etc/passwd,format=qcow2,keyfile=/nonexistent")]
    [InlineData("format=auto looks into files only; name the format of nbd://host.", "run", "--kernel", K, "--drive",
        "file=nbd://host,format=auto")]
    [InlineData("--drive of another format than raw does not work with --engine native; leave one of them out.", "boot", "--engine",
        "native", "--drive", "file=/etc/passwd,format=qcow2")]
    [InlineData("Cannot share /nonexistent: there is no such folder.", "boot", "--share", "/nonexistent:/work")]
    [InlineData("Cannot share /dev/null: it is not a folder.", "boot", "--share", "/dev/null")]
    [InlineData("':/work' is no shared folder; write --share DIR[:TAG][,readonly].", "boot", "--share", ":/work")]
    [InlineData("'/tmp:' is no shared folder; write --share DIR[:TAG][,readonly].", "run", "--kernel", K, "--share", "/tmp:")]
    [InlineData("'a b' is no name for a shared folder: it may hold no blanks, colons and commas.", "boot", "--share", "/tmp:a b")]
    [InlineData("'/a/path/of/more/than/36/bytes/in/the/guest' is no tag of a file system; give one of 1 to 36 bytes.", "boot", "--share",
        "/tmp:/a/path/of/more/than/36/bytes/in/the/guest")]
    [InlineData("Two shared folders are named 'tmp'; give each another name.", "boot", "--share", "/tmp", "--share", "/etc:tmp")]
    [InlineData("'rng' is no device; --device takes vhost-user,socket=PATH,type=TYPE, disks come by --drive, folders by --share.", "boot",
        "--device", "rng")]
    [InlineData("A vhost-user device has no socket; add socket=PATH.", "boot", "--device", "vhost-user,type=rng")]
    [InlineData("'size=1' in --device is not understood; there are socket, type, tag, mac and queues.", "boot", "--device",
        "vhost-user,socket=s,size=1")]
    [InlineData("'socket' in --device has no value; write socket=VALUE.", "boot", "--device", "vhost-user,socket")]
    [InlineData("The prepared IA-32 guest has no driver for shared folders; leave out --arch, or --share.", "boot", "--arch", "i386",
        "--share", "/tmp")]
    [InlineData("--share does not work with --engine native; leave one of them out.", "boot", "--engine", "native", "--share", "/tmp")]
    [InlineData("'tap' is no network; give none, user, socket,path=PATH or vhost-user,socket=PATH.", "boot", "-nic", "tap,ifname=t")]
    [InlineData("--net none has no settings; leave out 'mtu=9'.", "boot", "--net", "none,mtu=9")]
    [InlineData("'hostfwd' in --net has no value; write hostfwd=VALUE.", "boot", "--net", "user,hostfwd")]
    [InlineData("'tcp::8080' is no forwarded port; write it as hostfwd=tcp::8080-:80, the host's port first.", "boot", "--net",
        "user,hostfwd=tcp::8080")]
    [InlineData("'tcp::8080-:0' is no forwarded port; write it as hostfwd=tcp::8080-:80, the host's port first.", "boot", "--net",
        "user,hostfwd=tcp::8080-:0")]
    [InlineData("'tcp::65536-:80' is no forwarded port; write it as hostfwd=tcp::8080-:80, the host's port first.", "boot", "--net",
        "user,hostfwd=tcp::65536-:80")]
    [InlineData("'sctp' in hostfwd is neither tcp nor udp.", "boot", "--net", "user,hostfwd=sctp::1-:1")]
    [InlineData("'host' in hostfwd is no address of the host's.", "boot", "--net", "user,hostfwd=tcp:host:1-:1")]
    [InlineData("The guest's address is 10.0.2.15, not 10.0.2.16; leave it out of hostfwd.", "boot", "--net",
        "user,hostfwd=tcp::1-10.0.2.16:1")]
    [InlineData("'1.2.3' is no MAC address; write it as 52:54:00:12:34:57.", "boot", "--net", "user,mac=1.2.3")]
    [InlineData("'x' in --net is no number; write mtu=NUMBER.", "boot", "--net", "user,mtu=x")]
    [InlineData("An MTU of 65521 cannot be; give 68 to 65520.", "boot", "--net", "user,mtu=65521")]
    [InlineData("There is no network card 'e1000'; cards are virtio-net, so leave out model.", "boot", "-nic", "user,model=e1000")]
    [InlineData("'restrict' in --net is not understood; there are hostfwd, mac and mtu.", "boot", "--net", "user,restrict=on")]
    [InlineData("'hostfwd' in --net is not understood; there are path, mac and mtu.", "boot", "--net", "socket,hostfwd=tcp::1-:1")]
    [InlineData("--net socket names no socket; write socket,path=PATH.", "boot", "--net", "socket")]
    [InlineData("--net vhost-user names no socket; write vhost-user,socket=PATH.", "boot", "--net", "vhost-user")]
    [InlineData("The back end of a vhost-user network has its own MTU; leave out mtu.", "boot", "--net", "vhost-user,socket=/x,mtu=1400")]
    [InlineData("'x' does not say where the image is; write oci:FOLDER:TAG, oci-archive:FILE, docker-archive:FILE, docker://x or " +
        "containers-storage:NAME.", "container", "run", "x")]
    [InlineData("'80:x' is no port to publish; write -p HOST:GUEST, -p ADDRESS:HOST:GUEST or -p GUEST.", "container", "run", "-p", "80:x",
        "oci:x")]
    [InlineData("-p needs the network; leave out --network none.", "container", "run", "-p", "0:80", "--network=none", "oci:x")]
    [InlineData("'/tmp' is no shared folder; write -v HOST:GUEST or -v HOST:GUEST:ro, the second a whole path.", "container", "run", "-v",
        "/tmp", "oci:x")]
    [InlineData("There are no named volumes, such as 'data'; give a folder, ./data.", "container", "run", "-v", "data:/data", "oci:x")]
    [InlineData("Cannot share /nonexistent: there is no such folder.", "container", "run", "-v", "/nonexistent:/x", "oci:x")]
    [InlineData("The folder 'x' is not absolute; begin it with a slash.", "container", "run", "-w", "x", "oci:x")]
    [InlineData("'1x' is no memory size; give a number and M or G, such as 256M.", "container", "run", "-m", "1x", "oci:x")]
    [InlineData("--net does not work with --engine native; leave one of them out.", "boot", "--engine", "native", "--net", "user")]
    [InlineData("'file:' is no console; give stdio, pty, none or file:PATH.", "boot", "--console", "file:")]
    [InlineData("'vc' is no console; give stdio, pty, none or file:PATH.", "boot", "-serial", "vc")]
    [InlineData("--console does not work with --script, whose output is on standard output; leave one of them out.", "boot", "--script",
        "/dev/null", "--console", "pty")]
    [InlineData("--unconverted works with --engine native only; add that.", "boot", "--unconverted")]
    [InlineData("Cannot read the RAM disk /nonexistent: there is no such file.", "boot", "--rootfs", "debian", "--initrd", K)]
    [InlineData("Cannot read the RAM disk /: it is a directory.", "boot", "--rootfs", "debian", "--initrd", "/")]
    [InlineData("Cannot read /: it is a directory.", "boot", "--rootfs", "debian", "--kernel", "/")]
    [InlineData("Cannot read the script /: it is a directory.", "boot", "--script", "/")]
    [InlineData("`bench` works from a checkout of LilyVM only; run ./lilyvm bench there.", "bench", "--help-me")]
    public void Values_that_are_no_good(string sentence, params string[] args) =>
        Assert.Equal((1, "", $"lilyvm: {sentence}\n"), CommandLineTests.Run(args));

    [Fact]
    public void Options_of_the_guest_s_kernel_may_be_empty_or_begin_with_anything()
    {
        foreach (string[] append in (
            string[][])[["--append", ""], ["--append="], ["--append", "-x"], ["--append=--memory"], ["--append", "@file"],
                ["-append", "a=b:c=d"], ["-append", ""]])
            Assert.Equal((1, "", $"lilyvm: Cannot read {K}: there is no such file.\n"),
                CommandLineTests.Run(["run", "--kernel", K, .. append]));
    }
}
