#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every command is locked down before it opens a file that it is given, and says so in one line where it cannot be.
. "$(dirname "$0")/lib.sh"
! is_sanitized || skip "a sanitizer is at work"
command -v strace >/dev/null || skip "strace is not here"
strace -o probe true 2>strace.err || skip "strace cannot trace here"
make_ext4 disk.img
printf '5d41402abc4b2a76b9719d911017c592\n' >input.md5
expect_exit 0 trowel index disk.img -o input.db
expect_exit 0 trowel set import input.md5 -o input.tset
cp input.tset input2.tset
file=$(sql input.db "SELECT file_id FROM report_files WHERE size = 4096 LIMIT 1")

commands()
{
	cat <<END
index disk.img -o new.db
info input.db
ls input.db
cat input.db $file
verify input.db
verify input.db --image disk.img
digest input.db
match input.db --set input.tset
set import input.md5 -o new.tset
set export -f csv input.tset
set info input.tset
set lookup -s input.tset 5d41402abc4b2a76b9719d911017c592
set diff input.tset input2.tset
set merge input.tset input2.tset -o new.tset
set verify input.tset
END
}

# The table of commands and the list above are the same.
for command in $("$TROWEL" help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
	parts=$("$TROWEL" "$command" -h | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p')
	for part in ${parts:-''}; do
		commands | grep -q "^$command${part:+ $part} " || fail "not tried: $command $part"
	done
done

# What opens by name: a grant (O_PATH) reads nothing.
commands | while IFS= read -r line; do
	# shellcheck disable=SC2086 # words of a command
	strace -f -o trace -e trace=open,openat,seccomp "$TROWEL" $line >out 2>err </dev/null ||
		[ $? -eq 1 ] || fail "$line: $(cat err)"
	grep -n 'SECCOMP_SET_MODE_FILTER.*len=' trace | head -n 1 | cut -d: -f1 >locked
	grep -n 'input[2]*\.\|disk\.img' trace | grep -v O_PATH | head -n 1 | cut -d: -f1 >opened
	[ -s locked ] || fail "$line: never locked down"
	[ -s opened ] || fail "$line: opened nothing"
	[ "$(cat locked)" -lt "$(cat opened)" ] || fail "$line: opened $(cat opened), locked $(cat locked)"
	rm -f new.db new.tset
done

# A process that may make no filter, as some containers have it: the command says so and what goes on without.
commands | while IFS= read -r line; do
	status=0
	# shellcheck disable=SC2086
	strace -f -o trace -e inject=seccomp:error=EPERM "$TROWEL" $line >out 2>err </dev/null || status=$?
	[ "$status" -eq 3 ] || fail "$line: exit $status without a filter"
	expect_err 'no-sandbox' 'sandbox'
	# shellcheck disable=SC2086
	strace -f -o trace -e inject=seccomp:error=EPERM "$TROWEL" $line --no-sandbox >out 2>err </dev/null ||
		[ $? -eq 1 ] || fail "$line --no-sandbox: $(cat err)"
	rm -f new.db new.tset
done
