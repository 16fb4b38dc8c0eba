#!/bin/sh
# The shell completions are what completions/make.sh makes of the option tables.
set -eu
sh "$SOURCE/completions/make.sh" "$TROWEL" .
for file in trowel.bash _trowel trowel.fish; do
	diff -u "$SOURCE/completions/$file" "$file"
done
bash -n trowel.bash
