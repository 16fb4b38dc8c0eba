#!/bin/sh
# Every command has a man page that mandoc finds clean and whose options are those of `trowel COMMAND -h`.
set -eu
man=$SOURCE/man
status=0
command -v mandoc >/dev/null || {
	echo "SKIPPED: mandoc is not installed"
	exit 77
}

options_of_help() {
	sed -n 's/^  \(-[a-z0-9A-Z], \)\{0,1\} *--\([a-z0-9-]*\).*/\1--\2/p' | sort
}
# .It Fl o , Fl Fl output Ar DB
options_of_page() {
	sed -n 's/^\.It Fl \([^F ]\) , Fl Fl \([a-z0-9-]*\).*/-\1, --\2/p; s/^\.It Fl Fl \([a-z0-9-]*\).*/--\1/p' | sort
}

for page in "$man"/*.[0-9]; do
	mandoc -T lint -W warning "$page" || status=1
done
commands=$("$TROWEL" help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
[ -n "$commands" ] || {
	echo "no commands in 'trowel help'"
	exit 1
}
for command in $commands; do
	page=$man/trowel-$command.1
	if [ ! -f "$page" ]; then
		echo "$command: no man page"
		status=1
		continue
	fi
	{
		"$TROWEL" "$command" -h
		for part in $("$TROWEL" "$command" -h | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p'); do
			"$TROWEL" "$command" "$part" -h
		done
	} | options_of_help | sort -u >help
	options_of_page <"$page" | sort -u >written
	if ! diff -u help written; then
		echo "$page: options differ from 'trowel $command -h'"
		status=1
	fi
	grep -q "trowel-$command 1" "$man/trowel.1" || {
		echo "trowel.1 does not name trowel-$command"
		status=1
	}
done
for format in db tset; do
	[ -f "$man/trowel-$format.5" ] || {
		echo "trowel-$format.5 is missing"
		status=1
	}
done
# FORMATS of trowel-set(1) are those of the program.
"$TROWEL" set import --formats | cut -d ' ' -f 1 | sort >help
sed -n '/^\.Sh FORMATS/,/^\.Sh EXIT/s/^\.It Cm \([^ ]*\).*/\1/p' "$man/trowel-set.1" | sort >written
if ! diff -u help written; then
	echo "trowel-set.1: formats differ from 'trowel set import --formats'"
	status=1
fi
exit $status
