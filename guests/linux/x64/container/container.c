/*
 * The first process of a container's machine: makes the file system of the image's root and a layer above it, starts the image's program
 * in it as process 1 of a PID namespace, and passes its streams on. Ports of the virtio console: standard input, output, error, and one
 * for words: "exit N" to the host, "signal N" and "size ROWS COLUMNS" from it; a byte of the host's after "exit" ends the machine.
 * /lilyvm/container says what to do, as words NAME=VALUE with a zero byte behind each (ContainerSpecification.cs).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { INPUT, OUTPUT, ERROR, WORDS, PORTS };
enum { MOST_WORDS = 4096, MOST_GROUPS = 64, CHUNK = 64 * 1024 };

static const char root[] = "/root";

static char *arguments[MOST_WORDS + 1], *environment[MOST_WORDS + 1], *shares[MOST_WORDS];
static int argument_count, environment_count, share_count, group_count, rows, columns;
static gid_t groups[MOST_GROUPS];
static const char *hostname = "container", *hosts = "", *resolver = "", *directory = "/";
static uid_t user;
static gid_t group;
static int wants_terminal, wants_input;
static int ports[PORTS];

static void end_machine(void)
{
	reboot(RB_AUTOBOOT);
	_exit(1);
}

/* What the host shows if the container does not come to its end. */
static void fail(const char *what)
{
	printf("lilyvm: %s: %s\n", what, strerror(errno));
	end_machine();
}

static void put(const char *path, const char *text)
{
	unlink(path);
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (file >= 0) {
		if (write(file, text, strlen(text)) < 0)
			perror(path);
		close(file);
	}
}

/* Settings of the kernel's; those that it has not are not missed. */
static void set(const char *path, const char *value)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	if (file >= 0) {
		if (write(file, value, strlen(value)) < 0)
			perror(path);
		close(file);
	}
}

static void make_folders(char *path)
{
	for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		mkdir(path, 0755);
		*slash = '/';
	}
	mkdir(path, 0755);
}

static char *in_root(const char *path)
{
	char *whole;
	if (asprintf(&whole, "%s%s", root, path) < 0)
		fail("memory");
	return whole;
}

static void mount_at(const char *source, const char *path, const char *type, unsigned long flags, const char *data)
{
	mkdir(path, 0755);
	if (mount(source, path, type, flags, data) != 0)
		fail(path);
}

static char *value_of(char *word, const char *name)
{
	size_t length = strlen(name);
	return strncmp(word, name, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

static void take_word(char *word)
{
	char *value;
	if ((value = value_of(word, "argument")) && argument_count < MOST_WORDS)
		arguments[argument_count++] = value;
	else if ((value = value_of(word, "environment")) && environment_count < MOST_WORDS)
		environment[environment_count++] = value;
	else if ((value = value_of(word, "share")) && share_count < MOST_WORDS)
		shares[share_count++] = value;
	else if ((value = value_of(word, "directory")))
		directory = value;
	else if ((value = value_of(word, "user")))
		user = strtoul(value, NULL, 10);
	else if ((value = value_of(word, "group")))
		group = strtoul(value, NULL, 10);
	else if ((value = value_of(word, "member")) && group_count < MOST_GROUPS)
		groups[group_count++] = strtoul(value, NULL, 10);
	else if ((value = value_of(word, "hostname")))
		hostname = value;
	else if ((value = value_of(word, "hosts")))
		hosts = value;
	else if ((value = value_of(word, "resolver")))
		resolver = value;
	else if ((value = value_of(word, "input")))
		wants_input = 1;
	else if ((value = value_of(word, "terminal")))
		wants_terminal = sscanf(value, "%d %d", &rows, &columns) == 2;
}

static void read_specification(void)
{
	int file = open("/lilyvm/container", O_RDONLY | O_CLOEXEC);
	struct stat status;
	if (file < 0 || fstat(file, &status) != 0)
		fail("/lilyvm/container");
	char *text = malloc(status.st_size + 1);
	if (!text || read(file, text, status.st_size) != status.st_size)
		fail("/lilyvm/container");
	text[status.st_size] = 0;
	for (char *word = text; word < text + status.st_size; word += strlen(word) + 1)
		take_word(word);
	close(file);
}

/* As init of the other guests does (initrd/init), for the same reasons. */
static void tune(void)
{
	set("/sys/kernel/mm/transparent_hugepage/enabled", "always");
	static const char *sizes[] = {"16", "32", "64", "128", "256", "512", "1024", "2048"};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char path[PATH_MAX];
		snprintf(path, sizeof path, "/sys/kernel/mm/transparent_hugepage/hugepages-%skB/enabled", sizes[i]);
		set(path, "always");
	}
	set("/sys/block/vda/queue/read_ahead_kb", "2048");
}

static void run(char *const words[])
{
	pid_t child = fork();
	if (child == 0) {
		execv(words[0], words);
		_exit(127);
	}
	waitpid(child, NULL, 0);
}

/* Of IPv4 the kernel has all from its option ip=; the loopback interface is up without a network, too. */
static void start_network(void)
{
	struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ioctl(any, SIOCSIFFLAGS, &loopback);
	close(any);
	set("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0"); /* as in containers of others */
	set("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
	char line[8192], address[128], gateway[128], card[32];
	FILE *words = fopen("/proc/cmdline", "re");
	char *option = words && fgets(line, sizeof line, words) ? strstr(line, "lilyvm.ip6=") : NULL;
	if (words)
		fclose(words);
	if (option && sscanf(option, "lilyvm.ip6=%127[^,],%127[^,],%31s", address, gateway, card) == 3 && access("/proc/sys/net/ipv6", F_OK) == 0) {
		char *busybox = "/bin/busybox", path[PATH_MAX];
		snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/accept_dad", card);
		set(path, "0"); /* nobody else is there: the address is good at once */
		run((char *const[]){busybox, "ip", "-6", "address", "add", address, "dev", card, NULL});
		run((char *const[]){busybox, "ip", "-6", "route", "add", "default", "via", gateway, "dev", card, NULL});
	}
}

static void mount_root(void)
{
	mount_at("/dev/vda", "/image", "erofs", MS_RDONLY, NULL);
	mount_at("layer", "/layer", "tmpfs", 0, "mode=755,size=90%");
	mkdir("/layer/data", 0755);
	mkdir("/layer/work", 0755);
	mount_at("overlay", root, "overlay", 0, "lowerdir=/image,upperdir=/layer/data,workdir=/layer/work");
	mount_at("/dev", in_root("/dev"), NULL, MS_MOVE, NULL);
	mount_at("/sys", in_root("/sys"), NULL, MS_MOVE, NULL);
	mount_at("devpts", in_root("/dev/pts"), "devpts", 0, "newinstance,ptmxmode=0666,mode=620,gid=5");
	mount_at("shm", in_root("/dev/shm"), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=64m");
	mount_at("mqueue", in_root("/dev/mqueue"), "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	unlink(in_root("/dev/ptmx"));
	const char *links[][2] = {{"pts/ptmx", "/dev/ptmx"},
				  {"/proc/self/fd", "/dev/fd"},
				  {"/proc/self/fd/0", "/dev/stdin"},
				  {"/proc/self/fd/1", "/dev/stdout"},
				  {"/proc/self/fd/2", "/dev/stderr"}};
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (symlink(links[i][0], in_root(links[i][1])) != 0)
			perror(links[i][1]);
	mkdir(in_root("/proc"), 0555);
	for (int i = 0; i < share_count; i++) { /* TAG:ro:PATH or TAG:rw:PATH */
		char *tag = strtok(shares[i], ":"), *mode = strtok(NULL, ":"), *path = in_root(strtok(NULL, ""));
		make_folders(path);
		if (mount(tag, path, "virtiofs", strcmp(mode, "ro") == 0 ? MS_RDONLY : 0, NULL) != 0)
			fail(path);
	}
}

static void write_names(void)
{
	mkdir(in_root("/etc"), 0755);
	char *line;
	if (asprintf(&line, "%s\n", hostname) < 0)
		fail("memory");
	put(in_root("/etc/hostname"), line);
	put(in_root("/etc/hosts"), hosts);
	if (*resolver)
		put(in_root("/etc/resolv.conf"), resolver);
	if (sethostname(hostname, strlen(hostname)) != 0)
		fail("hostname");
}

/* Named after the number of their device among all virtio devices. */
static int open_port(int port)
{
	enum { MOST_DEVICES = 32 };
	char path[64];
	for (int device = 0; device < MOST_DEVICES; device++) {
		snprintf(path, sizeof path, "/dev/vport%dp%d", device, port);
		int file = open(path, O_RDWR | O_CLOEXEC);
		if (file >= 0 || errno != ENOENT)
			return file;
	}
	return -1;
}

/* The host adds them when the driver says that it is ready, which may be just now. */
static void open_ports(void)
{
	enum { MOST_TRIES = 5000 };
	for (int i = 0; i < PORTS; i++) {
		for (int tries = 0; (ports[i] = open_port(i)) < 0 && tries < MOST_TRIES; tries++)
			usleep(1000);
		if (ports[i] < 0)
			fail("port");
	}
	/* Until then the input would look ended. The host opens them in order. */
	struct pollfd last = {.fd = ports[WORDS], .events = POLLOUT};
	while (poll(&last, 1, -1) < 0 || (last.revents & POLLHUP))
		usleep(1000);
}

/* Runs as the container's first process; what is wrong with its program is said on its own standard error, with docker's statuses. */
static void start_program(void)
{
	enum { CANNOT_RUN = 126, NOT_FOUND = 127 };
	if (chdir(root) != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 || chdir("/") != 0)
		_exit(CANNOT_RUN);
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
		_exit(CANNOT_RUN);
	char *working = strdup(directory);
	make_folders(working);
	if (chdir(working) != 0) {
		dprintf(2, "lilyvm: cannot change to %s: %s.\n", working, strerror(errno));
		_exit(CANNOT_RUN);
	}
	if (setgroups(group_count, groups) != 0 || setresgid(group, group, group) != 0 || setresuid(user, user, user) != 0)
		_exit(CANNOT_RUN);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	umask(022);
	environ = environment;
	execvp(arguments[0], arguments);
	int missing = errno == ENOENT || errno == ENOTDIR;
	dprintf(2, "lilyvm: cannot run %s: %s.\n", arguments[0], missing ? "it is not there" : strerror(errno));
	_exit(missing ? NOT_FOUND : CANNOT_RUN);
}

static int open_terminal(int *slave)
{
	int master = open(in_root("/dev/pts/ptmx"), O_RDWR | O_NOCTTY | O_CLOEXEC), unlock = 0, number;
	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) != 0 || ioctl(master, TIOCGPTN, &number) != 0)
		fail("terminal");
	char path[64];
	snprintf(path, sizeof path, "/dev/pts/%d", number);
	*slave = open(in_root(path), O_RDWR | O_NOCTTY);
	if (*slave < 0)
		fail(path);
	struct winsize size = {.ws_row = rows, .ws_col = columns};
	ioctl(*slave, TIOCSWINSZ, &size);
	return master;
}

static void write_all(int file, const char *bytes, ssize_t count)
{
	while (count > 0) {
		ssize_t written = write(file, bytes, count);
		if (written < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (written > 0)
			bytes += written, count -= written;
	}
}

/* Passes on what there is; false at the end. */
static int pass(int from, int to)
{
	static char bytes[CHUNK];
	ssize_t count = read(from, bytes, sizeof bytes);
	if (count > 0)
		write_all(to, bytes, count);
	return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

static char waiting[CHUNK]; /* of the input, for a program that does not read */
static ssize_t waiting_start, waiting_end;

/* To the program; the end of the input is the end of its pipe. */
static void pass_input(int *to)
{
	if (waiting_start == waiting_end) {
		waiting_start = 0;
		waiting_end = read(ports[INPUT], waiting, sizeof waiting);
		if (waiting_end <= 0) {
			if (waiting_end == 0 && !wants_terminal)
				close(*to), *to = -1;
			wants_input = waiting_end != 0;
			waiting_end = 0;
			return;
		}
	}
	ssize_t written = write(*to, waiting + waiting_start, waiting_end - waiting_start);
	if (written > 0)
		waiting_start += written;
	else if (errno == EPIPE)
		waiting_start = waiting_end; /* nobody reads it any more */
}

static void obey(pid_t child, int terminal)
{
	static char line[256];
	static size_t length;
	char byte;
	while (read(ports[WORDS], &byte, 1) == 1) {
		int number;
		struct winsize size = {0};
		if (byte != '\n') {
			if (length < sizeof line - 1)
				line[length++] = byte;
			continue;
		}
		line[length] = 0;
		length = 0;
		if (sscanf(line, "signal %d", &number) == 1)
			kill(child, number);
		else if (terminal >= 0 && sscanf(line, "size %hu %hu", &size.ws_row, &size.ws_col) == 2)
			ioctl(terminal, TIOCSWINSZ, &size);
	}
}

int main(void)
{
	mount_at("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	int console = open("/dev/console", O_RDWR);
	for (int i = 0; i < 3; i++)
		dup2(console, i);
	setvbuf(stdout, NULL, _IONBF, 0);
	mount_at("proc", "/proc", "proc", 0, NULL);
	mount_at("sysfs", "/sys", "sysfs", 0, NULL);
	read_specification();
	tune();
	start_network();
	open_ports();
	mount_root();
	write_names();

	signal(SIGPIPE, SIG_IGN);
	sigset_t ended;
	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ended, NULL);
	int children = signalfd(-1, &ended, SFD_CLOEXEC | SFD_NONBLOCK);
	int input[2] = {-1, -1}, output[2], error[2] = {-1, -1}, terminal = -1, slave = -1;
	if (wants_terminal) {
		terminal = open_terminal(&slave);
		output[0] = terminal;
	} else if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0 || pipe2(error, O_CLOEXEC) != 0) {
		fail("pipes");
	}
	pid_t child = syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0);
	if (child < 0)
		fail("clone");
	if (child == 0) {
		int nothing = wants_input ? -1 : open(in_root("/dev/null"), O_RDWR | O_CLOEXEC);
		setsid();
		dup2(wants_terminal ? slave : wants_input ? input[0] : nothing, 0);
		dup2(wants_terminal ? slave : output[1], 1);
		dup2(wants_terminal ? slave : error[1], 2);
		if (wants_terminal) {
			ioctl(0, TIOCSCTTY, 0);
			fchown(0, user, 5);
			close(slave);
		} else {
			fchown(1, user, group); /* so that it may open /dev/stdout */
			fchown(2, user, group);
			if (wants_input)
				fchown(0, user, group);
		}
		start_program();
	}
	if (wants_terminal)
		close(slave);
	else
		close(input[0]), close(output[1]), close(error[1]);
	int to_program = wants_terminal ? terminal : input[1];
	if (wants_input)
		fcntl(to_program, F_SETFL, O_NONBLOCK);
	fcntl(ports[WORDS], F_SETFL, O_NONBLOCK);
	fcntl(ports[INPUT], F_SETFL, O_NONBLOCK);

	int status = 0, has_ended = 0, has_output = 1, has_error = error[0] >= 0;
	while (!has_ended || has_output || has_error) {
		int waits = waiting_start < waiting_end;
		struct pollfd files[] = {
		    {.fd = has_output ? output[0] : -1, .events = POLLIN},
		    {.fd = has_error ? error[0] : -1, .events = POLLIN},
		    {.fd = wants_input && to_program >= 0 && !has_ended && !waits ? ports[INPUT] : -1, .events = POLLIN},
		    {.fd = wants_input && to_program >= 0 && !has_ended && waits ? to_program : -1, .events = POLLOUT},
		    {.fd = ports[WORDS], .events = POLLIN},
		    {.fd = children, .events = POLLIN},
		};
		if (poll(files, sizeof files / sizeof *files, -1) < 0)
			continue;
		if (files[0].revents)
			has_output = pass(output[0], ports[OUTPUT]);
		if (files[1].revents)
			has_error = pass(error[0], ports[ERROR]);
		if (files[2].revents || files[3].revents)
			pass_input(&to_program);
		if (files[4].revents)
			obey(child, terminal);
		if (files[5].revents) {
			struct signalfd_siginfo information;
			int one;
			pid_t process;
			while (read(children, &information, sizeof information) > 0)
				continue;
			while ((process = waitpid(-1, &one, WNOHANG)) > 0)
				if (process == child)
					status = one, has_ended = 1;
		}
	}
	sync(); /* folders of the host */
	dprintf(ports[WORDS], "exit %d\n", WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	fcntl(ports[WORDS], F_SETFL, 0);
	char byte;
	while (read(ports[WORDS], &byte, 1) == 1 && byte != '.')
		continue;
	end_machine();
}
