#!/bin/sh
# usage: build.sh HEADERS WORK IMAGE LAYOUT
# Builds WORK/lilyvm.ko for the kernel whose build folder is HEADERS (/lib/modules/VERSION/build), with the kernel
# hypervisor's flat IMAGE inside; LAYOUT is kh_layout.h of the same build.
set -e
headers=$1 work=$2 image=$3 layout=$4
mkdir -p "$work"
here=$(dirname "$0")
cp -R "$here/common" "$here/linux" "$here/Kbuild" "$here/dkms.conf" "$work/"
cp "$image" "$work/kernel-hypervisor.bin"
cp "$layout" "$work/kh_layout.h"
make -s -C "$headers" M="$(cd "$work" && pwd)" modules
