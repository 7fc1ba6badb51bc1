#!/bin/sh
# usage: build.sh HEADERS WORK IMAGE LAYOUT
# Builds WORK/lilyvm.ko for the kernel whose build folder is HEADERS (/lib/modules/VERSION/build); the others are as for source.sh.
set -e
headers=$1 work=$2
sh "$(dirname "$0")/source.sh" "$work" "$3" "$4"
make -s -C "$headers" M="$(cd "$work" && pwd)" modules
