#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A worker opens its image under a first filter and answers under a second one; its memory is limited before both.
. "$(dirname "$0")/lib.sh"
! is_sanitized || skip "a sanitizer is at work"
command -v strace >/dev/null || skip "strace is not here"
strace -o probe true 2>strace.err || skip "strace cannot trace here"
make_ext4 disk.img
strace -f -ff -o t -e trace=execve,openat,seccomp,prlimit64,write "$TROWEL" index disk.img -o case.db >out 2>err

# line TRACE PATTERN N: where the N-th line is that matches. A grant (O_PATH) reads nothing.
line()
{
	grep -nE "$2" "$1" | grep -v O_PATH | sed -n "${3}p" | cut -d: -f1
}

workers=0
for trace in t.*; do
	grep -q 'execve(.*trowel-worker' "$trace" || continue
	workers=$((workers + 1))
	memory=$(line "$trace" 'RLIMIT_AS, \{' 1)
	first=$(line "$trace" 'SECCOMP_SET_MODE_FILTER.*len=' 1)
	opened=$(line "$trace" 'openat.*disk\.img' 1)
	second=$(line "$trace" 'SECCOMP_SET_MODE_FILTER.*len=' 2)
	hello=$(line "$trace" 'write\(3' 1)
	[ "${first:-999999}" -lt "${opened:-0}" ] || fail "opened in line $opened, locked in $first"
	[ "$opened" -lt "${second:-0}" ] || fail "opened in line $opened, locked for good in $second"
	[ "$second" -lt "${hello:-0}" ] || fail "greeted in line $hello, locked for good in $second"
	# The sanitizers need more than any limit.
	[ "${memory:-0}" -lt "$first" ] || fail "memory limited in line $memory, locked in $first"
done
[ "$workers" -gt 0 ] || fail "no worker was seen"
