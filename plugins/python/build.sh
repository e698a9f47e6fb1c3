#!/bin/sh
# Puts a module in Python into one file, which is what a bundle names as its
# program: build.sh ticket/ticket.py OUT. The same sources give the same bytes.
set -eu
here=$(dirname "$0")
{
	cat "$here/sieci_plugin.py" "$here/sieci_proto.py"
	grep -v '^from sieci_plugin import' "$1"
} > "$2"
