#!/bin/sh
# usage: source.sh FOLDER IMAGE LAYOUT
# Makes FOLDER what the module is built from: these sources, with the kernel hypervisor's flat IMAGE and LAYOUT, kh_layout.h of the same build.
set -e
folder=$1 image=$2 layout=$3
mkdir -p "$folder"
here=$(dirname "$0")
cp -R "$here/common" "$here/linux" "$here/Kbuild" "$here/dkms.conf" "$folder/"
cp "$image" "$folder/kernel-hypervisor.bin"
cp "$layout" "$folder/kh_layout.h"
