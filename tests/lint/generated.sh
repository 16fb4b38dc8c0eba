#!/bin/sh
# Sources that a script writes are what it writes.
set -eu
python3 "$SOURCE/src/hashset/make_trivial.py" >trivial_table.h
diff -u "$SOURCE/src/hashset/trivial_table.h" trivial_table.h
