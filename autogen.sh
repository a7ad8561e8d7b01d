#!/bin/sh
# Makes configure and Makefile.in in a checkout; the tarball has them.
set -e
cd "$(dirname "$0")"
mkdir -p build-aux/m4
exec autoreconf -fi
