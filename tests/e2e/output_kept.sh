#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No command replaces an image, a database, a list or its own input, by whatever name, with --force or without. The commands are
# those that have an output option: a new one is refused here until it is told how it is called.
. "$(dirname "$0")/lib.sh"

make_ext4 disk.img
split -b 1M -d -a 3 --additional-suffix= disk.img part.
make_set_from()
{
	echo "$2" >"$1.md5"
	trowel set import -q -o "$1.tset" "$1.md5"
}
make_set_from one 0cc175b9c0f1b6a831c399e269772661
make_set_from two 92eb5ffee6ae2fec3ad71c777531578f
trowel index -q disk.img -o other.db || [ $? -eq 1 ]
printf 'EVF\t\r\n\377\0and the rest' >drive.E01

# commands: "set import" ... that have the option
with_output()
{
	for command in $(trowel help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
		parts=$(trowel "$command" -h | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p')
		if [ -z "$parts" ]; then
			echo "$command"
		else
			for part in $parts; do echo "$command $part"; done
		fi
	done | while read -r command; do
		# shellcheck disable=SC2086 # two words
		if trowel $command -h | grep -q -e ' --output '; then echo "$command"; fi
	done
}

# call COMMAND OUTPUT [OPTION]: with inputs that it takes. The first one is ./input.
call()
{
	case $1 in
	index) set -- "$2" "$3" index input ;;
	'set import') set -- "$2" "$3" set import -q input ;;
	'set merge') set -- "$2" "$3" set merge input two.tset ;;
	'set export') set -- "$2" "$3" set export -f csv input ;;
	*) fail "trowel $1 has an output option: say here how it is called" ;;
	esac
	output=$1 option=$2
	shift 2
	# shellcheck disable=SC2086 # none or one
	trowel "$@" -o "$output" $option >out 2>err
}

input_of()
{
	case $1 in
	index) echo disk.img ;;
	'set import') echo one.md5 ;;
	*) echo one.tset ;;
	esac
}

# state FILE: what it is and what it holds.
state()
{
	stat -L -c '%d:%i:%a:%s' "$1"
	sha256sum <"$1"
	stat -c '%i %F' hard soft soft2
}

# kept COMMAND FILE: neither it nor a link to it is touched.
kept()
{
	ln "$2" hard
	ln -s "$2" soft
	ln -s "$PWD/soft" soft2
	state "$2" >before
	options=--force
	if [ "$1" = index ]; then options=; fi
	for name in "$2" "./$2" hard soft soft2; do
		status=0
		call "$1" "$name" "$options" || status=$?
		[ "$status" -eq 2 ] || fail "$1 -o $name ($2) $options: exit $status: $(cat err)"
		expect_err "$(basename "$2")\|hard\|soft"
	done
	status=0
	call "$1" "$2" '' || status=$?
	[ "$status" -eq 2 ] || fail "$1 -o $2: exit $status: $(cat err)"
	state "$2" | diff before - || fail "$1: $2 is not as it was"
	rm hard soft soft2
	find . -name '*.part' | grep . && fail "$1: a temporary file was left"
	return 0
}

with_output >commands
for command in 'index' 'set import' 'set merge' 'set export'; do
	grep -qx "$command" commands || fail "'$command' has no output option any more"
done
while read -r command; do
	cp "$(input_of "$command")" input
	kept "$command" input
	for file in disk.img drive.E01 other.db; do kept "$command" "$file"; done
	# A list is replaced with --force, and not without; not even when it looks like what is written.
	for file in one.md5 two.md5; do
		cp "$file" list
		status=0
		call "$command" list '' || status=$?
		[ "$status" -eq 2 ] || fail "$command -o list: exit $status: $(cat err)"
		expect_err 'list: '
		cmp -s "$file" list || fail "$command: the list was changed"
	done
	rm -f input list
done <commands
