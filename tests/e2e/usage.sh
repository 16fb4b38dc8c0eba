#!/bin/sh
# Wrong use is one line on standard error and status 2, and leaves no database behind.
. "$(dirname "$0")/lib.sh"
image=$FIXTURES/demo.dd

wrong() { # pattern command...
	pattern=$1
	shift
	expect_exit 2 trowel "$@"
	expect_err "$pattern"
	[ ! -e case.db ] || fail "a database was left behind: trowel $*"
}

wrong "no command given"
wrong "no command 'frobnicate'" frobnicate
wrong "too few arguments" index
wrong "no database named" index "$image"
wrong "unknown option '--frob'" index "$image" -o case.db --frob
wrong "unknown option '-z'" index "$image" -zo case.db
wrong "needs its argument" index "$image" --output
wrong "takes no argument" index "$image" -o case.db --quiet=yes
wrong "given twice" index "$image" -o case.db -o other.db
wrong "not a number" index "$image" -o case.db --jobs many
wrong "not a size" index "$image" -o case.db --memory 12Q
wrong "not a size" index "$image" -o case.db --memory 99999999999T
wrong "power of two" index "$image" -o case.db --sector-size 1000
wrong "contradict" index "$image" -o case.db -q --progress json
wrong "progress is" index "$image" -o case.db --progress loud
wrong "surplus argument" info one.db two.db
wrong "images go with" verify one.db image.dd
wrong "not a file's number" cat case.db x
wrong "state is" ls case.db --state gone
wrong "json goes with" ls case.db --json -0
wrong "no such\|No such" index missing.dd -o case.db
