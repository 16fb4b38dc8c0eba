# shellcheck shell=sh
# Helpers of the end-to-end tests. A test sources this first; it runs in a temporary directory of its own, with
# trowel in PATH, FIXTURES the made images and SHARED the corpus beside the repository.
set -eu

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

# expect_exit STATUS COMMAND...: its output goes to the files out and err
expect_exit() {
	want=$1
	shift
	got=0
	"$@" >out 2>err || got=$?
	[ "$got" -eq "$want" ] || {
		cat out err >&2
		fail "exit status $got, not $want: $*"
	}
}

# expect_err PATTERN: the last command said exactly one line on standard error, and it matches
expect_err() {
	[ "$(wc -l <err)" -eq 1 ] || {
		cat err >&2
		fail "not one line on standard error"
	}
	grep -q -- "$1" err || {
		cat err >&2
		fail "no '$1' on standard error"
	}
}

# expect_sql WANT DB SQL
expect_sql() {
	got=$(sqlite3 -batch "$2" "$3")
	[ "$got" = "$1" ] || fail "'$got', not '$1': $3"
}
