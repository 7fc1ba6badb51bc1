# Sourced by the proofs: a work folder, a Debian tree and disk to run things in, and what a run may leave behind.
# LILYVM_HOME=FOLDER tests another checkout; KEEP=1 keeps the work folder.
set -euo pipefail

proofs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
export LILYVM_HOME=${LILYVM_HOME:-$(cd "$proofs/../.." && pwd -P)}

# What the lab's side of the proofs and of the module's tests share.
module_tests=$LILYVM_HOME/native/module/tests

# Where lilyvm keeps what it downloads and builds.
cache=${LILYVM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lilyvm}

# Disk images and trees: not in a /tmp that may be memory.
work=$(mktemp -d "${TMPDIR:-/var/tmp}/lilyvm-proof.XXXXXX")
clean_up() {
	jobs -p | xargs -r kill -KILL 2>/dev/null || true
	if [[ ${KEEP-} ]]; then
		echo "kept: $work" >&2
	else
		rm -rf "$work"
	fi
}
trap clean_up EXIT

fail() {
	echo "FAILED: $1" >&2
	exit 1
}

# The program as it is now, so that it does not change in the middle, and kills and limits do not meet set-up and builds.
"$LILYVM_HOME/lilyvm" guest build linux >/dev/null
lilyvm=$work/LilyVM.Cli
cp "$LILYVM_HOME/artifacts/publish/lilyvm/LilyVM.Cli" "$lilyvm"

# What a machine starts stays in the session it was started in, whoever its parent becomes.
processes_of() {
	ps -o pid= -s "$1" || true
}

# gone SESSION: nothing of the session is left. The host's kernel ends a machine's last processes by a signal at their parent's death,
# which takes milliseconds, on a busy host more.
gone() {
	local try
	for ((try = 0; try < 300; try++)); do
		[[ $(processes_of "$1") ]] || return 0
		sleep 0.1
	done
	fail "processes are left: $(processes_of "$1" | xargs)"
}

# runs_ia32: whether this host's user engine runs IA-32 guests, too.
runs_ia32() {
	! "$lilyvm" doctor | grep -q 'a test guest in 32-bit segments  *no:'
}

# The lab for IA-32 guests of the user engine: without SMAP, which QEMU 7.2 gets wrong for far calls (docs/lab.md).
user_lab=("$lilyvm" lab --kernel-args clearcpuid=smap)

# debian_tree FOLDER ARCHITECTURE: Debian 12 with gcc and make, as files.
debian_tree() {
	"$lilyvm" guest rootfs debian --arch "$2" --with-compiler >/dev/null
	mkdir "$1"
	debugfs -R "rdump / $1" "$("$lilyvm" guest path debian disk --arch "$2" --with-compiler)" >"$work/rdump.log" 2>&1
	[[ -e $1/usr/bin/gcc ]] || fail "the Debian disk could not be read: $(tail -1 "$work/rdump.log")"
}

# kernel_archive ARCHITECTURE: sets `archive` to the source of that guest's kernel, which a build of the guest has fetched.
kernel_archive() {
	local version=6.12
	[[ $1 == x86_64 ]] || version=6.1
	archive=/usr/src/linux-source-$version.tar.xz
	[[ -e $archive ]] || archive=$cache/packages/linux-source-$version/files$archive
}

# debian_source PACKAGE: downloads the package's source archive, checked by apt against Debian's signature.
debian_source() {
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg lists=$work/apt-lists
	mkdir -p "$lists/partial"
	echo "deb-src [signed-by=$keyring] http://deb.debian.org/debian bookworm main" >"$work/sources.list"
	local apt=(apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$lists"
		-o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
	(cd "$work" && "${apt[@]}" update && "${apt[@]}" source --download-only "$1") >"$work/apt.log" 2>&1 ||
		fail "the source of $1 cannot be downloaded: $(tail -1 "$work/apt.log")"
}

# in_tree TREE COMMAND...: runs a command natively in a tree, with its own /proc, terminals and process numbers.
in_tree() {
	local tree=$1 namespaces=(unshare --mount --pid --fork --kill-child)
	shift
	((EUID == 0)) || namespaces+=(--map-root-user)
	# shellcheck disable=SC2016 # the inner shell expands them
	"${namespaces[@]}" sh -c 'mount --rbind /dev "$1/dev" && mount -t devpts -o ptmxmode=666 devpts "$1/dev/pts" &&
		mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/tmp" || exit 125
		tree=$1; shift; exec chroot "$tree" "$@"' sh "$tree" "$@"
}
